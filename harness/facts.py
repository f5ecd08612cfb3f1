"""What can be written in the log: one frozen dataclass for each kind of fact, and the way to read it back.

Facts are what was seen or done, never what it means: `harness.verdict` judges. A new kind of fact is a class here and
nothing else. Durations are `timedelta` (ISO 8601 in the file), instants monotonic nanoseconds.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any, TypeVar

from pydantic import TypeAdapter

from harness.errors import EvidenceError
from harness.events import Event
from harness.objectives import Fidelity, Objectives

F = TypeVar("F")


class Phase(enum.StrEnum):
    """Where the drill is; the progress display and the finalizer go by it."""

    RAISING = "raising the estate"
    STEADY = "reaching steady state"
    STRIKING = "striking"
    DETECTING = "detecting"
    RECOVERING = "recovering"
    RESTORING = "waiting for service"
    FENCING = "bringing the lost one back"
    SETTLING = "settling and reading back"
    JUDGING = "judging"
    TEARING_DOWN = "tearing down"


class Part(enum.StrEnum):
    """The parts of a recovery time."""

    DETECT = "detect"
    DECIDE = "decide"
    EXECUTE = "execute"
    REDIRECT = "redirect"
    VERIFY = "verify"


class Stage(enum.StrEnum):
    """When a probe looked."""

    BASELINE = "baseline"
    VALIDATION = "validation"
    SETTLED = "settled"


@dataclass(frozen=True, slots=True)
class DrillStarted:
    """The drill's terms, copied in so that the bundle can be judged without the project."""

    run: str
    day: str
    """ISO date (UTC), against which the review date of a known gap is held."""
    drill: str
    title: str
    runbook: str
    severity: str
    tags: tuple[str, ...]
    environment: str
    fidelity: Fidelity
    """How real the environment's data plane is."""
    operator: str
    pace: float
    objectives: Objectives
    rehearsal_rto: timedelta
    rehearsal_rpo: timedelta
    decision_time: timedelta
    fault: str
    procedure: str
    planned_steps: tuple[str, ...]
    recovers_to: tuple[str, ...]
    names: tuple[str, ...]
    """The names under which the one that took over must answer."""
    signals: tuple[str, ...]
    """The names of the signals that must be raised."""
    expects_fencing: bool = False
    expects_rollback: bool = False
    known_gap: str = ""
    known_gap_review: str = ""


@dataclass(frozen=True, slots=True)
class PhaseEntered:
    phase: Phase


@dataclass(frozen=True, slots=True)
class Probed:
    """A yes-or-no look at the service: `SELECT 1`, `/health`, a client's first acknowledged write..."""

    stage: Stage
    probe: str
    ok: bool
    detail: str = ""


@dataclass(frozen=True, slots=True)
class IntegrityCounted:
    """The runbook's three integrity queries, and a digest of every seeded row that should never change."""

    stage: Stage
    users: int
    projects: int
    submissions: int
    latest_submission: datetime | None
    seed_digest: str


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


@dataclass(frozen=True, slots=True)
class ExposureSeen:
    """How much could be lost in the worst case by one mechanism, computed from what the AWS API says."""

    mechanism: str
    exposure: timedelta
    detail: str = ""


@dataclass(frozen=True, slots=True)
class ForecastInput:
    """One figure that the forecast uses in place of a paced wait: where in the recovery, how long, who says so."""

    part: Part
    what: str
    low: timedelta
    high: timedelta
    source: str
    only_if: str = ""
    """Counted only where the recovery made this call."""


@dataclass(frozen=True, slots=True)
class ServedBy:
    """Which database instance answered under a name or behind the application, and whether it takes writes."""

    asked: str
    identifier: str
    role: str
    writable: bool
    region: str = ""


@dataclass(frozen=True, slots=True)
class ProtectionSeen:
    """How well a database is protected, as RDS says: of the one to be struck, later of the one that took over."""

    stage: Stage
    identifier: str
    multi_az: bool
    backup_retention_days: int


@dataclass(frozen=True, slots=True)
class FencingProbed:
    """Writes sent to the old primary after it came back. `returned` says its server really was up and writable."""

    target: str
    returned: bool
    attempts: int
    acknowledged: int
    detail: str = ""


@dataclass(frozen=True, slots=True)
class ConfigurationSeen:
    """The application's settings and the zone's records, as the API gives them: name -> value."""

    moment: str
    values: dict[str, str]


@dataclass(frozen=True, slots=True)
class SwitchFailed:
    """The moment a switch was found not to work; what is acknowledged from here on must survive the alternative."""

    what: str
    why: str


@dataclass(frozen=True, slots=True)
class ClientStarted:
    """A client process and its ledger file (relative to the bundle). `kind` is "visitor" or "writer"."""

    client: str
    kind: str
    file: str
    follows: str
    writers: tuple[int, ...]
    every: timedelta
    decides: bool
    """Whether its outage counts for the RTO."""


@dataclass(frozen=True, slots=True)
class ClientEnded:
    client: str
    exit_code: int
    asked_to: bool
    """False when it died on its own."""


@dataclass(frozen=True, slots=True)
class ReadBackTaken:
    """Every submission that a client wrote, read from the surviving database into `file` (rows of ledger.STORED)."""

    file: str
    rows: int
    source: str


@dataclass(frozen=True, slots=True)
class MachineEvent:
    """Something a server did: started, ready, exited, was killed."""

    machine: str
    what: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Declared:
    """Something the environment cannot make real, said once so that the scorecard can say it."""

    what: str
    why: str


@dataclass(frozen=True, slots=True)
class Problem:
    """Something went wrong in the harness itself or in a phase; no verdict of PASS survives it."""

    where: str
    error: str
    exit_code: int = 2
    """What the shell should see where nothing worse happened: 3 refused by the guard, 4 bad usage."""


@dataclass(frozen=True, slots=True)
class TornDown:
    """The end of the environment; `left_over` names what could not be removed."""

    left_over: tuple[str, ...]


_KINDS: dict[str, type[Any]] = {
    kind.__name__: kind
    for kind in list(globals().values())
    if isinstance(kind, type) and kind.__module__ == __name__ and hasattr(kind, "__dataclass_fields__")
}


def kinds() -> tuple[str, ...]:
    """The names of all kinds of fact."""
    return tuple(_KINDS)


@cache
def adapter(kind: str) -> TypeAdapter[Any]:
    """What reads facts of a kind back."""
    return TypeAdapter(_KINDS[kind])


def fact_of(event: Event) -> object:
    """The typed fact of an event. Raises EvidenceError for a kind this version does not know or cannot read."""
    if event.kind not in _KINDS:
        raise EvidenceError(
            f"the log holds an unknown kind of fact, {event.kind}", hint="Read it with the version that wrote it."
        )
    try:
        return adapter(event.kind).validate_python(event.fact)
    except ValueError as error:
        raise EvidenceError(f"a {event.kind} in the log cannot be read: {error}") from error
