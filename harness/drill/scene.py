"""What the parts of a drill share: its terms, its estate, its log and its clients."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.aws import Actor, Aws
from harness.clock import Clock, Instant
from harness.config import Config
from harness.environments.environment import Environment
from harness.estate import Estate, Role
from harness.events import EventLog
from harness.facts import AtStake, DataChecked, Phase, PhaseEntered, Stage
from harness.guard import Guard
from harness.journal import Journal
from harness.objectives import Objectives
from harness.probes.instances import protection
from harness.probes.sight import Sight
from harness.probes.witness import Watching
from harness.spec import DrillSpec, Strike
from harness.workload.clients import Crew

if TYPE_CHECKING:
    from mypy_boto3_rds.type_defs import DBInstanceTypeDef


@dataclass(slots=True)
class Scene:
    """One drill under way."""

    spec: DrillSpec
    estate: Estate
    environment: Environment
    objectives: Objectives
    config: Config
    operator: str
    folder: Path
    log: EventLog
    clock: Clock
    guard: Guard
    journal: Journal
    struck: Instant | None = None
    recovery_ok: bool = True
    baseline: DataChecked | None = None
    safe: DataChecked | None = None
    """The last look at the data that found it as it was; None where nobody watches it."""
    old_endpoint: tuple[str, int] | None = None
    crew: Crew | None = None
    watching: Watching | None = None
    """What the drill itself looks at, where no client notices anything."""
    injected: list[tuple[Strike, Any]] = field(default_factory=list)
    """What was struck, and with what: all of it is healed when the drill closes."""
    _callers: dict[Actor, Aws] = field(default_factory=dict)

    def note(self, fact: object) -> Instant:
        return self.log.write(fact)

    def inject(self, strike: Strike, target: Any) -> None:
        """Strike, remembering it first, so that even a fault that fails half-way is healed."""
        self.injected.append((strike, target))
        strike.fault.inject(target)

    def enter(self, phase: Phase) -> None:
        self.note(PhaseEntered(phase))

    def aws(self, actor: Actor = Actor.OBSERVER) -> Aws:
        """The calls of an actor, guarded and written ahead."""
        if actor not in self._callers:
            hooks = (self.guard.check_call, self.journal.write_ahead)
            self._callers[actor] = self.environment.aws(actor, before_call=hooks)
        return self._callers[actor]

    @property
    def sight(self) -> Sight:
        """What probes need to look at the estate."""
        return Sight(
            aws=self.aws(),
            estate=self.estate,
            directory=self.environment.directory,
            login=self.environment.login(),
            clock=self.clock,
            baseline=self.baseline,
            ledgers={into: self.crew.ledgers(into) for into in AtStake} if self.crew else {},
        )

    @property
    def database_name(self) -> tuple[str, int]:
        """Where direct writers find the database: its name in the zone, and the port."""
        return self.sight.database_name

    def described(self, role: Role) -> DBInstanceTypeDef | None:
        """A database as RDS describes it to an observer; None where it was never made, or is gone."""
        named = self.estate.database(role)
        rds = self.aws().rds(named.region)
        try:
            return rds.describe_db_instances(DBInstanceIdentifier=named.identifier)["DBInstances"][0]
        except rds.exceptions.DBInstanceNotFoundFault:
            return None

    def endpoint_of(self, role: Role) -> tuple[str, int] | None:
        """Host and port of a database, as RDS reports them; None where there is none, or none yet."""
        endpoint = (self.described(role) or {}).get("Endpoint")
        return (endpoint["Address"], endpoint["Port"]) if endpoint else None

    def note_protection(self, stage: Stage, role: Role) -> None:
        """Put on file how well a database is protected; nothing where there is none."""
        if seen := self.described(role):
            self.note(protection(self.aws(), self.estate.database(role), seen, stage))

    def clients(self) -> Crew:
        """The crew, which must be at work."""
        if self.crew is None:
            raise RuntimeError("no client was started")
        return self.crew
