"""Database disaster recovery, scenario 2, as its commands say: the latest automated snapshot on a new instance."""

from __future__ import annotations

from dataclasses import dataclass

from harness.errors import ProcedureFailed
from harness.estate import Role
from harness.facts import Part
from harness.recovery import databases, restoring
from harness.recovery.procedure import Recovery, Step
from harness.recovery.takeover import take_over

_SECTION = "Database Disaster Recovery / Scenario 2 / "


@dataclass(frozen=True, slots=True)
class RestoreLatestSnapshot:
    """Close the damaged instance, restore the latest automated snapshot, whatever it holds, and lead all there.

    The runbook gives neither parameter group nor a way to tell a snapshot that holds the corruption already.
    """

    damaged: Role = Role.PRIMARY_DATABASE
    restored: Role = Role.RESTORED_DATABASE
    application: Role = Role.APPLICATION

    def steps(self) -> tuple[Step, ...]:
        section = _SECTION + "Point-in-Time Recovery (PITR)"
        return (
            Step("assess the damage", Part.EXECUTE, _SECTION + "Detection", self.assess),
            Step("quarantine the damaged database", Part.EXECUTE, section, self.quarantine),
            Step("restore the latest automated snapshot", Part.EXECUTE, section, self.restore),
            *take_over(section, application=self.application, lost=self.damaged),
        )

    def assess(self, recovery: Recovery) -> None:
        databases.look(recovery, recovery.estate.database(self.damaged))

    def quarantine(self, recovery: Recovery) -> None:
        restoring.quarantine(recovery, recovery.estate.database(self.damaged))

    def restore(self, recovery: Recovery) -> None:
        """Raises ProcedureFailed when there is no automated snapshot to restore."""
        source = recovery.estate.database(self.damaged)
        found = recovery.aws.rds(source.region).describe_db_snapshots(
            DBInstanceIdentifier=source.identifier, SnapshotType="automated"
        )["DBSnapshots"]
        usable = [snapshot for snapshot in found if snapshot["Status"] == "available"]
        if not usable:
            raise ProcedureFailed(f"there is no automated snapshot of {source.identifier}")
        latest = max(usable, key=lambda snapshot: snapshot["SnapshotCreateTime"])
        restoring.from_snapshot(recovery, latest["DBSnapshotIdentifier"], recovery.estate.database(self.restored))
