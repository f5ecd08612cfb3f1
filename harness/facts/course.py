"""What frames a drill: its terms, its phases, what went wrong, its end."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import timedelta

from harness.objectives import Fidelity, Objectives


class Phase(enum.StrEnum):
    """Where the drill is; the progress display and the finalizer go by it."""

    RAISING = "raising the estate"
    STEADY = "reaching steady state"
    STRIKING = "striking"
    DETECTING = "detecting"
    RECOVERING = "recovering"
    RESTORING = "waiting for service"
    FENCING = "bringing the lost one back"
    RETURNING = "bringing the lost region back"
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


class Promise(enum.StrEnum):
    """What a drill promises beside what every drill does; each is a finding of that name and a sentence."""

    FENCING = "fencing"
    """What is lost comes back, and then acknowledges nothing."""
    ROLLBACK = "rollback"
    """A switch that fails is taken back."""
    RETURN = "return"
    """A lost region comes back, and nobody is led to it again."""
    RESTRAINT = "restraint"
    """AWS brings service back by itself: the procedure verifies, waits and checks, and changes nothing."""


class AtStake(enum.StrEnum):
    """What the drill is about: what is struck, or restored aside."""

    DATABASE = "database"
    CACHE = "cache"


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
    fault_lasts: bool = True
    """Whether what was struck must still be broken when the recovery has ended."""
    promises: tuple[Promise, ...] = ()
    checks: tuple[str, ...] = ()
    """What the drill itself had to look at, where no client notices anything; empty in every other drill."""
    silent: bool = False
    """Whether the fault shows in the data alone, and clients notice nothing before the recovery."""
    at_stake: AtStake = AtStake.DATABASE
    touches: tuple[str, ...] = ()
    """The names of all that the drill strikes, and that its procedure is about."""
    tasks: int = 0
    """How many tasks are to serve in the end, where a service or its balancer was struck; 0 where none was."""
    alarms: tuple[str, ...] = ()
    """The names of the alarms that were there before."""
    lost_region: str = ""
    """The region that is lost as a whole, where one is: a recovery must do without it."""
    names_move: bool = True
    """Whether a recovery can change records; not so where the control planes of the global services are lost too."""
    known_gap: str = ""
    known_gap_review: str = ""
    known_gap_at_most: timedelta = timedelta(0)
    """How far the promise is known to be missed; a gap beyond that is no known one."""


@dataclass(frozen=True, slots=True)
class PhaseEntered:
    phase: Phase


@dataclass(frozen=True, slots=True)
class Declared:
    """Something the environment cannot make real, said once so that the scorecard can say it."""

    what: str
    why: str


WHOLE_DRILL = "drill"
"""Where a problem is that ended the drill before its time: what it had not done by then is not measured."""


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
