"""What a procedure is: named steps, each a few AWS calls that run unchanged on every environment.

A step may leave an Undo behind for what it changed; a rollback takes them back, last first.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from harness.aws import Aws
from harness.aws_rules.durations import Published
from harness.clock import Clock
from harness.errors import ProcedureFailed
from harness.estate import Database, Estate
from harness.facts import Part, StepEnded, StepStarted, SwitchFailed
from harness.objectives import Objectives

REAL_MACHINES = timedelta(seconds=20)
"""Beyond AWS's time at the drill's pace: behind each wait real servers start, copy and replay, at no pace but their
own, and a crowded host makes them slow. A limit for what never comes; what comes ends the wait."""
SERVICES = ("rds", "cloudwatch", "ec2", "ssm", "ecs", "route53", "backup", "elasticache", "elbv2")
"""What procedures call; their clients can be made before the disaster."""
OF_BACKUPS = ("s3",)
"""What procedures call besides, in drills that have a witness."""


Tell = Callable[[StepStarted | StepEnded], object]
"""Where an operator tells the steps that it takes. No procedure is given it: a step cannot name another one's part."""


@dataclass(frozen=True, slots=True)
class Undo:
    """How to put one thing back."""

    what: str
    restore: Callable[[], None]


@dataclass(slots=True)
class Recovery:
    """What a step may use, and what steps leave for later ones."""

    aws: Aws
    estate: Estate
    clock: Clock
    log: Callable[[SwitchFailed], object]
    pace: float
    objectives: Objectives
    safe_moment: datetime | None = None
    """The last moment at which those who watch the data saw it right; None where nobody knows."""
    undo: list[Undo] = field(default_factory=list)
    serving: Database | None = None
    """The database that this recovery has settled on."""

    def __post_init__(self) -> None:
        self.log = _only_switches(self.log)

    def note(self, fact: SwitchFailed) -> None:
        """Put on file that a switch failed. Raises ProcedureFailed for any other fact, whatever its name."""
        self.log(fact)

    def patience(self, published: Published) -> timedelta:
        """How long to wait for one of AWS's durations: its worst at the drill's pace, and time for real machines."""
        return published.worst * self.pace + REAL_MACHINES


def _only_switches(log: Callable[[SwitchFailed], object]) -> Callable[[SwitchFailed], object]:
    """What a recovery may put on file of itself. All else is for the drill to see: nobody testifies for himself."""

    def told(fact: SwitchFailed) -> None:
        if type(fact) is not SwitchFailed:
            raise ProcedureFailed(
                f"the recovery told a {type(fact).__name__}, which is for the drill to see",
                hint="A procedure tells SwitchFailed, and its operator the steps.",
            )
        log(fact)

    return told


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a procedure: its name, the part of the recovery time it spends, the runbook's section, the deed."""

    name: str
    part: Part
    runbook: str
    perform: Callable[[Recovery], None]


class Procedure(Protocol):
    """A way to recover: its steps, in order."""

    def steps(self) -> tuple[Step, ...]:
        """The steps; calling this does nothing else."""
        ...
