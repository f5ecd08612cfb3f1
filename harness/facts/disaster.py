"""The fault, whether it was felt, and the signals that would have called somebody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

MACHINE, CLIENTS, DATA = "machine", "clients", "data"
"""Who can have felt a fault."""
UNTIL_THE_END = "machine until the end"
"""Says of the machine that it was still so when the recovery had ended."""
WEAKNESS = "weakness"
"""Says of a fault that was there in silence before whether it showed once it mattered."""
ALARM, HEALTH_CHECK = "alarm", "health check"
"""The kinds of signal."""


@dataclass(frozen=True, slots=True)
class FaultStruck:
    fault: str
    target: str


@dataclass(frozen=True, slots=True)
class FaultBitten:
    """Whether the fault was felt, as `seen_by` saw it: MACHINE, CLIENTS, DATA or UNTIL_THE_END.

    Where `seen_by` is WEAKNESS, it is about one of the drill's weaknesses, and `detail` says which.
    """

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
