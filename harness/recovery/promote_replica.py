"""Database disaster recovery, scenario 1, option A: a read replica takes the place of the lost primary."""

from __future__ import annotations

from dataclasses import dataclass

from harness.estate import Role
from harness.facts import Part
from harness.recovery import assessment, databases
from harness.recovery.procedure import Recovery, Step
from harness.recovery.takeover import take_over

_SECTION = "Database Disaster Recovery / Scenario 1 / "


@dataclass(frozen=True, slots=True)
class PromoteReadReplica:
    """Promote a replica, protect it, lead the application and every other client to it; fence what was lost."""

    replica: Role = Role.READ_REPLICA
    lost: Role = Role.PRIMARY_DATABASE
    application: Role = Role.APPLICATION

    def steps(self) -> tuple[Step, ...]:
        option = _SECTION + "Option A"
        return (
            Step("assess the impact", Part.EXECUTE, _SECTION + "Impact Assessment", self.assess),
            Step("fence the lost primary", Part.EXECUTE, option, self.fence),
            Step("promote the replica", Part.EXECUTE, option, self.promote),
            *take_over(option, application=self.application, lost=self.lost),
        )

    def assess(self, recovery: Recovery) -> None:
        assessment.assess(recovery, recovery.estate.database(self.lost), recovery.estate.database(self.replica))

    def fence(self, recovery: Recovery) -> None:
        databases.fence(recovery, recovery.estate.database(self.lost))

    def promote(self, recovery: Recovery) -> None:
        database = recovery.estate.database(self.replica)
        databases.promote(recovery, database, self.lost)
        recovery.serving = database
