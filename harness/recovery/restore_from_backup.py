"""Database disaster recovery, scenario 1, option B: AWS Backup's latest usable recovery point on a new instance."""

from __future__ import annotations

from dataclasses import dataclass

from harness.aws_rules.durations import RESTORE_RECOVERY_POINT
from harness.estate import Role
from harness.facts import Part
from harness.recovery import assessment, databases, recovery_points
from harness.recovery.procedure import Recovery, Step
from harness.recovery.takeover import take_over

_SECTION = "Database Disaster Recovery / Scenario 1 / "


@dataclass(frozen=True, slots=True)
class RestoreFromBackup:
    """Find the newest recovery point that was completed, restore it as the lost one was, lead all there.

    The runbook's metadata names neither the instance to make nor its groups; AWS Backup refuses that.
    """

    lost: Role = Role.PRIMARY_DATABASE
    restored: Role = Role.RESTORED_DATABASE
    application: Role = Role.APPLICATION

    def steps(self) -> tuple[Step, ...]:
        option = _SECTION + "Option B"
        return (
            Step("assess the impact", Part.EXECUTE, _SECTION + "Impact Assessment", self.assess),
            Step("fence the lost primary", Part.EXECUTE, option, self.fence),
            Step("restore the latest recovery point", Part.EXECUTE, option, self.restore),
            *take_over(option, application=self.application, lost=self.lost),
        )

    def assess(self, recovery: Recovery) -> None:
        lost = recovery.estate.database(self.lost)
        databases.look(recovery, lost)
        for metric in assessment.METRICS:
            assessment.latest_metric(recovery, lost, metric)

    def fence(self, recovery: Recovery) -> None:
        databases.fence(recovery, recovery.estate.database(self.lost))

    def restore(self, recovery: Recovery) -> None:
        """Raises ProcedureFailed when there is no usable recovery point, or its restore job does not complete."""
        lost, target = recovery.estate.database(self.lost), recovery.estate.database(self.restored)
        vault = recovery_points.vault_of(recovery, lost)
        point = recovery_points.usable(recovery, vault, lost)[0]
        wanted = recovery_points.placed(target.identifier, target.security_group) | {
            "DBInstanceClass": target.instance_class,
            "DBParameterGroupName": target.parameter_group,
            "DBSubnetGroupName": target.subnet_group,
        }
        job = recovery_points.begin_restore(recovery, vault, point, wanted)
        recovery_points.wait_restored(recovery, vault.region, job)
        databases.wait_available(recovery, target, recovery.patience(RESTORE_RECOVERY_POINT))
        recovery.serving = target
