"""The fault, whether it was felt, and the signals that would have called somebody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

MACHINE, CLIENTS, DATA, UNTIL_THE_END = "machine", "clients", "data", "machine until the end"
"""Who can have felt a fault; the last says that it was still so when the recovery had ended."""
ALARM, HEALTH_CHECK = "alarm", "health check"
"""The kinds of signal."""


@dataclass(frozen=True, slots=True)
class FaultStruck:
    fault: str
    target: str


@dataclass(frozen=True, slots=True)
class FaultBitten:
    """Whether the fault was felt, as `seen_by` saw it ("machine" or a client)."""

    seen_by: str
    bitten: bool
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Detected:
    """A signal that would have called the operator: a health check or an alarm changed state."""

    signal: str
    name: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class NotDetected:
    """A signal that was expected and did not come within its time."""

    signal: str
    name: str
    within: timedelta
