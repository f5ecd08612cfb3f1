"""Database disaster recovery, scenario 1, option B: AWS Backup's latest usable recovery point on a new instance."""

from __future__ import annotations

import json
from dataclasses import dataclass

from harness.aws_rules.durations import RESTORE_RECOVERY_POINT
from harness.errors import ProcedureFailed
from harness.estate import BackupPlan, Role
from harness.facts import Part
from harness.recovery import assessment, databases
from harness.recovery.procedure import Recovery, Step
from harness.recovery.takeover import take_over
from harness.wait import until

_SECTION = "Database Disaster Recovery / Scenario 1 / "
_ENDED_BADLY = frozenset({"ABORTED", "FAILED"})


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
            *take_over(option, self.application),
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
        target, plan = recovery.estate.database(self.restored), self._plan(recovery)
        backup, point = recovery.aws.backup(target.region), self._latest(recovery, plan)
        metadata = backup.get_recovery_point_restore_metadata(BackupVaultName=plan.vault, RecoveryPointArn=point)
        job = backup.start_restore_job(
            RecoveryPointArn=point,
            IamRoleArn=f"arn:aws:iam::{recovery.estate.account_id}:role/{plan.service_role}",
            ResourceType="RDS",
            Metadata={
                **metadata["RestoreMetadata"],
                "DBInstanceIdentifier": target.identifier,
                "DBInstanceClass": target.instance_class,
                "DBParameterGroupName": target.parameter_group,
                "DBSubnetGroupName": target.subnet_group,
                "VpcSecurityGroupIds": json.dumps([target.security_group]),
                "MultiAZ": "false",  # the standby comes when clients are served
            },
        )["RestoreJobId"]

        def completed() -> bool:
            seen = backup.describe_restore_job(RestoreJobId=job)
            if seen["Status"] in _ENDED_BADLY:
                raise ProcedureFailed(f"restore job {job} is {seen['Status']}: {seen.get('StatusMessage', '')}")
            return seen["Status"] == "COMPLETED"

        within = recovery.patience(RESTORE_RECOVERY_POINT)
        until(f"restore job {job} completed", completed, within=within, clock=recovery.clock)
        databases.wait_available(recovery, target, within)
        recovery.serving = target

    def _plan(self, recovery: Recovery) -> BackupPlan:
        for plan in recovery.estate.backup_plans:
            if self.lost in plan.protects:
                return plan
        raise ProcedureFailed(f"no backup plan protects {self.lost}")

    def _latest(self, recovery: Recovery, plan: BackupPlan) -> str:
        """The newest completed recovery point of the lost one: a vault holds those of others, and unfinished ones."""
        lost = recovery.estate.database(self.lost)
        arn = databases.look(recovery, lost)["DBInstanceArn"]
        found = recovery.aws.backup(lost.region).list_recovery_points_by_backup_vault(
            BackupVaultName=plan.vault, ByResourceArn=arn
        )["RecoveryPoints"]
        usable = [point for point in found if point["Status"] == "COMPLETED"]
        if not usable:
            raise ProcedureFailed(f"{plan.vault} holds no usable recovery point of {lost.identifier}")
        return max(usable, key=lambda point: point["CreationDate"])["RecoveryPointArn"]
