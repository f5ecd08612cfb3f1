"""What a drill is made of: one frozen value per file of `scenarios/`. Business promises live in features, not here."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from harness.errors import BadSpec
from harness.estate import KINDS, Balancer, Cache, Region, Role, Service
from harness.facts import Part, Promise
from harness.faults.fault import Fault
from harness.faults.lose_region import LoseRegion
from harness.probes.exposure import Exposure
from harness.probes.signals import AlarmsRaised, HealthCheckFails, Signal
from harness.probes.witness import Witness
from harness.recovery.procedure import Procedure
from harness.workload.workload import Workload

DRILL_SENTENCE = re.compile(r'^the "(?P<name>[^"]+)" drill in steady state$')
"""The sentence by which a scenario of a feature names the drill that it rehearses."""
SENTENCES: Mapping[Promise, str] = {
    Promise.FENCING: "the lost primary acknowledges nothing when it returns",
    Promise.ROLLBACK: "the failed switch is rolled back",
    Promise.RETURN: "nobody is led back when the lost region returns",
    Promise.RESTRAINT: "what recovers by itself is left alone",
}
"""How a scenario says what its drill promises, and no other drill does."""


@dataclass(frozen=True, slots=True)
class Strike:
    """A fault and the role that it strikes; as a weakness, `lead` is how long before the disaster it is there."""

    fault: Fault[Any]
    role: Role
    lead: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class KnownGapDeclared:
    """A finding that is known to fail, excused until its review date.

    `at_most` is how far the promise is known to be missed: the forecast of an RTO, the exposure of an RPO. More than
    that, and what nobody can bound, is excused by nothing.
    """

    finding: str
    review: date
    at_most: timedelta
    why: str

    def __post_init__(self) -> None:
        if self.finding not in {"RTO", "RPO"}:
            raise BadSpec(f"{self.finding} cannot be a known gap", hint="Only the promises RTO and RPO can be.")


@dataclass(frozen=True, slots=True, kw_only=True)
class DrillSpec:
    """One drill.

    `rehearsal_rto` and `rehearsal_rpo` are budgets for the harness's own pace and servers, tight enough to notice a
    slower recovery; `decision_time` is what people are given to decide, and enters the forecast. `weaknesses` are
    struck in silence before the disaster: what was already wrong and nobody knew.
    """

    name: str
    title: str
    runbook: str
    severity: str
    tags: tuple[str, ...] = ()
    fault: Fault[Any] | None
    """None where nothing is struck, because the procedure itself is what is rehearsed."""
    strikes: Role
    weaknesses: tuple[Strike, ...] = ()
    procedure: Procedure
    recovers_to: tuple[Role, ...]
    exposures: tuple[Exposure, ...]
    """The ways in which data reaches where this recovery finds it: the promised RPO rests on them."""
    workload: Workload
    rehearsal_rto: timedelta
    rehearsal_rpo: timedelta
    decision_time: timedelta = timedelta(minutes=15)
    fault_lasts: bool = True
    """Whether what was struck stays broken until the recovery has ended; not so where it heals by design."""
    promises: tuple[Promise, ...] = ()
    silent: bool = False
    """Whether no client notices the fault: the data is damaged, and the drill itself has to look at it."""
    signals: tuple[Signal, ...] = ()
    """What must call an operator; where none is given, the health check and the alarms on what is struck."""
    witness: Witness | None = None
    """What looks at the result where no client notices anything: then the clients must go on as if nothing happened."""
    tasks: int = 0
    """How many tasks are to serve in the end, where a service or its balancer is struck."""
    nights: int = 0
    """How many nightly backups of what will be struck are taken once the clients write, one after the other."""
    known_gap: KnownGapDeclared | None = None

    @property
    def names_move(self) -> bool:
        """Whether a recovery can change records; not so where a fault takes the control planes of the whole world."""
        return not (isinstance(self.fault, LoseRegion) and self.fault.control_planes)

    @property
    def times_recovery(self) -> bool:
        """Whether clients lose service, so that there is a recovery time to judge; with a witness they must not."""
        return self.witness is None

    def __post_init__(self) -> None:
        if not self.procedure.steps():
            raise BadSpec(f"drill {self.name} has a procedure without steps")
        if not set(self.recovers_to) <= {exposure.role for exposure in self.exposures}:
            raise BadSpec(
                f"drill {self.name} recovers to a place whose exposure it does not look at",
                hint="Give exposures one for every role of recovers_to.",
            )
        if any(step.part is Part.DETECT for step in self.procedure.steps()):
            raise BadSpec(
                f"drill {self.name} has a step of the part detect", hint="Detection is over before anybody recovers."
            )
        if self.fault is None and self.witness is None:
            raise BadSpec(f"drill {self.name} strikes nothing and has no witness of what it does")
        self._check_what_comes_back()
        if self.witness is not None and self.promises:
            raise BadSpec(
                f"drill {self.name} has a witness, who looks at nothing but his own checks",
                hint="Take its promises away.",
            )
        if self.witness is not None and self.workload.uses_cache and KINDS[self.strikes] is not Cache:
            raise BadSpec(
                f"drill {self.name} has a witness, and clients of a cache that nobody would judge",
                hint="Set reader_hz and keeper_rate of its workload to 0.",
            )
        self._check_tasks()
        if self.rehearsal_rto <= timedelta(0) or self.rehearsal_rpo < timedelta(0):
            raise BadSpec(f"drill {self.name} has a budget that nothing can keep")
        if self.decision_time < timedelta(0):
            raise BadSpec(f"drill {self.name} decides in less than no time", hint="Give a decision_time of 0 or more.")
        if not self.signals:
            object.__setattr__(self, "signals", (HealthCheckFails(), AlarmsRaised(self.strikes)))

    def _check_what_comes_back(self) -> None:
        region = KINDS[self.strikes] is Region
        if (Promise.RETURN in self.promises and not region) or (Promise.FENCING in self.promises and region):
            raise BadSpec(
                f"drill {self.name} promises {', '.join(self.promises)} of the {self.strikes}",
                hint="A region returns; anything else that is lost comes back fenced.",
            )

    def _check_tasks(self) -> None:
        if (self.tasks > 0) != (KINDS[self.strikes] in {Service, Balancer} and self.witness is None):
            raise BadSpec(
                f"drill {self.name}: {self.tasks} tasks are to serve in the end",
                hint="Say so where a service or its balancer is struck, and nowhere else.",
            )
