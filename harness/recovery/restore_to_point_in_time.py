"""Database disaster recovery, scenario 2: the damaged database as it was at the last safe moment, on a new instance."""

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
class RestoreToPointInTime:
    """Close the damaged instance, restore its log up to the last moment at which the data was right, lead all there.

    The runbook's title says point in time, its commands restore a snapshot; that one is RestoreLatestSnapshot.
    """

    damaged: Role = Role.PRIMARY_DATABASE
    restored: Role = Role.RESTORED_DATABASE
    application: Role = Role.APPLICATION

    def steps(self) -> tuple[Step, ...]:
        section = _SECTION + "Point-in-Time Recovery (PITR)"
        return (
            Step("assess the damage", Part.EXECUTE, _SECTION + "Detection", self.assess),
            Step("quarantine the damaged database", Part.EXECUTE, section, self.quarantine),
            Step("wait for the log of the safe moment", Part.EXECUTE, section, self.wait),
            Step("restore to the safe moment", Part.EXECUTE, section, self.restore),
            *take_over(section, application=self.application, lost=self.damaged),
        )

    def assess(self, recovery: Recovery) -> None:
        """Raises ProcedureFailed when nobody knows a moment at which the data was right."""
        described = databases.look(recovery, recovery.estate.database(self.damaged))
        if recovery.safe_moment is None:
            raise ProcedureFailed("nobody knows when the data was right", hint="Restore a snapshot and look at it.")
        if not described.get("BackupRetentionPeriod"):
            raise ProcedureFailed(f"{described['DBInstanceIdentifier']} has no automated backups")

    def quarantine(self, recovery: Recovery) -> None:
        restoring.quarantine(recovery, recovery.estate.database(self.damaged))

    def wait(self, recovery: Recovery) -> None:
        assert recovery.safe_moment
        restoring.wait_restorable(recovery, recovery.estate.database(self.damaged), recovery.safe_moment)

    def restore(self, recovery: Recovery) -> None:
        assert recovery.safe_moment
        source, target = recovery.estate.database(self.damaged), recovery.estate.database(self.restored)
        restoring.to_point_in_time(recovery, source, target, recovery.safe_moment)
