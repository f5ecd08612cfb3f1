"""What the one who recovers did, and every call of the AWS API, whoever made it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from harness.facts.course import Part


@dataclass(frozen=True, slots=True)
class RecoveryStarted:
    operator: str
    procedure: str


@dataclass(frozen=True, slots=True)
class RecoveryEnded:
    ok: bool
    error: str = ""


@dataclass(frozen=True, slots=True)
class StepStarted:
    name: str
    part: Part
    runbook: str = ""


@dataclass(frozen=True, slots=True)
class StepEnded:
    name: str
    ok: bool
    error: str = ""


@dataclass(frozen=True, slots=True)
class SwitchFailed:
    """The moment a switch was found not to work; what is acknowledged from here on must survive the alternative."""

    what: str
    why: str


@dataclass(frozen=True, slots=True)
class CallIntended:
    """A change that is about to be sent; written, and on disk, before it leaves."""

    service: str
    operation: str
    region: str
    params: dict[str, Any]


OPERATORS = frozenset({"automation", "command-line", "person"})
"""The actors whose calls are the recovery's."""


@dataclass(frozen=True, slots=True)
class CallMade:
    """One AWS API call. `states` holds what a describe call showed: resource identifier -> status."""

    actor: str
    service: str
    operation: str
    region: str
    mutates: bool
    request_id: str
    started: int
    took: timedelta
    status: int
    error: str = ""
    resources: tuple[str, ...] = ()
    states: dict[str, str] = field(default_factory=dict)
    params: dict[str, Any] = field(default_factory=dict)
    datapoints: int | None = None
    """What CloudWatch answered of a metric, of several the one with the fewest; None of any other call."""
