"""Database disaster recovery, scenario 1, option A: a read replica takes the place of the lost primary."""

from __future__ import annotations

from dataclasses import dataclass

from harness.estate import Role
from harness.facts import Part
from harness.recovery import assessment, databases, switching
from harness.recovery.procedure import Recovery, Step

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
            Step("set backups and standby", Part.EXECUTE, option, self.protect),
            Step("repoint the application", Part.REDIRECT, option, self.repoint),
            Step("deploy the application", Part.REDIRECT, option, self.deploy),
            Step("switch the database's name", Part.REDIRECT, option, self.switch_name),
            Step("wait for the standby", Part.VERIFY, option, self.wait_protected),
        )

    def assess(self, recovery: Recovery) -> None:
        assessment.assess(recovery, recovery.estate.database(self.lost), recovery.estate.database(self.replica))

    def fence(self, recovery: Recovery) -> None:
        databases.fence(recovery, recovery.estate.database(self.lost))

    def promote(self, recovery: Recovery) -> None:
        databases.promote(recovery, recovery.estate.database(self.replica))
        recovery.serving = recovery.estate.database(self.replica).identifier

    def protect(self, recovery: Recovery) -> None:
        databases.protect(recovery, recovery.estate.database(self.replica))

    def repoint(self, recovery: Recovery) -> None:
        host, port = databases.endpoint(recovery, recovery.estate.database(self.replica))
        switching.repoint_settings(recovery, recovery.estate.service(self.application), host, port)

    def deploy(self, recovery: Recovery) -> None:
        switching.deploy(recovery, recovery.estate.service(self.application))

    def switch_name(self, recovery: Recovery) -> None:
        host, _ = databases.endpoint(recovery, recovery.estate.database(self.replica))
        switching.point_name_at(recovery, host)

    def wait_protected(self, recovery: Recovery) -> None:
        databases.wait_protected(recovery, recovery.estate.database(self.replica))
