"""Database disaster recovery, scenario 1, where only the host is lost: RDS fails over by itself, and is watched."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from harness.aws_rules.durations import MULTI_AZ_FAILOVER
from harness.aws_rules.operations import HOPELESS
from harness.errors import ProcedureFailed
from harness.estate import Role
from harness.facts import Part
from harness.recovery import assessment, databases
from harness.recovery.procedure import Recovery, Step
from harness.wait import until

_SECTION = "Database Disaster Recovery / Scenario 1 / "
_LOOK_BACK = timedelta(hours=1)
_OVER = "failover completed"
"""RDS's own word for it (RDS User Guide, Amazon RDS event categories: RDS-EVENT-0049)."""


@dataclass(frozen=True, slots=True)
class AwaitFailover:
    """Verify that RDS is failing over, wait until it has, check that the same endpoint serves. Nothing is changed.

    The runbook goes straight to a promotion. Here that would make a second primary beside one that comes back.
    """

    database: Role = Role.PRIMARY_DATABASE

    def steps(self) -> tuple[Step, ...]:
        return (
            Step("verify what is lost", Part.EXECUTE, _SECTION + "Impact Assessment", self.verify),
            Step("wait for the failover", Part.EXECUTE, _SECTION + "Impact Assessment", self.wait),
            Step("check the same endpoint", Part.VERIFY, _SECTION + "Validation Steps", self.check),
        )

    def verify(self, recovery: Recovery) -> None:
        """Raises ProcedureFailed where there is nothing to wait for: no standby, or storage lost as well."""
        database = recovery.estate.database(self.database)
        described = databases.look(recovery, database)
        if not described.get("MultiAZ"):
            raise ProcedureFailed(f"{database.identifier} has no standby", hint="Promote a replica, or restore it.")
        status = described.get("DBInstanceStatus", "")
        if status in HOPELESS:
            raise ProcedureFailed(f"{database.identifier} is {status}", hint="Promote a replica, or restore it.")
        for metric in assessment.METRICS:
            assessment.latest_metric(recovery, database, metric)

    def wait(self, recovery: Recovery) -> None:
        database = recovery.estate.database(self.database)
        until(
            f"{database.identifier} failed over",
            lambda: _OVER in self._last_event(recovery),
            within=recovery.patience(MULTI_AZ_FAILOVER),
            clock=recovery.clock,
        )
        databases.wait_available(recovery, database, recovery.patience(MULTI_AZ_FAILOVER))
        recovery.serving = database

    def check(self, recovery: Recovery) -> None:
        """The endpoint is there, and CloudWatch sees clients connected to it."""
        database = recovery.estate.database(self.database)
        databases.endpoint(recovery, database)
        until(
            f"connections to {database.identifier}",
            lambda: assessment.latest_metric(recovery, database, "DatabaseConnections"),
            within=recovery.patience(MULTI_AZ_FAILOVER),
            clock=recovery.clock,
        )

    def _last_event(self, recovery: Recovery) -> str:
        database = recovery.estate.database(self.database)
        found = recovery.aws.rds(database.region).describe_events(
            SourceIdentifier=database.identifier, SourceType="db-instance", EventCategories=["failover"],
            StartTime=recovery.clock.wall() - _LOOK_BACK,
        )  # fmt: skip
        return found["Events"][-1]["Message"] if found["Events"] else ""
