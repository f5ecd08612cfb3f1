"""Data restoration: the newest recovery point of a database becomes an instance like the original, beside it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from harness.aws_rules.durations import RESTORE_RECOVERY_POINT
from harness.errors import ProcedureFailed
from harness.estate import Database, Role
from harness.facts import Part
from harness.recovery import alarms, databases, recovery_points
from harness.recovery.procedure import Recovery, Step

if TYPE_CHECKING:
    from mypy_boto3_backup.type_defs import RecoveryPointByBackupVaultTypeDef
    from mypy_boto3_rds.type_defs import DBInstanceTypeDef

_SECTION = "Data Restoration Procedures / Database Restoration"
TAKE, IDENTIFY, BEGIN = "take a recovery point", "identify the recovery point", "begin the restore"
MONITOR, COMPLETE, WATCH = "monitor the restore", "give it what the original has", "set the alarms"


@dataclass(frozen=True, slots=True)
class RestoreDatabase:
    """What serves is left alone, and nobody is led to what is made; those who validate it are the drill's witness.

    Of the runbook's commands AWS takes none as it stands: a list of recovery points is narrowed by a plan's id, not by
    its name; a restore job has no resource that it restores into, it makes one, which the metadata has to name; and
    `restore-testing` is no metadata of RDS. Without groups the instance would get the default ones, which let nobody
    in and have other settings. A standby, and protection from deletion, are asked for when it is there.

    One recovery point is taken first, as the plan's next run would: those of before the drill hold nothing that was
    written in it, and recent transactions could not be verified.
    """

    original: Role = Role.PRIMARY_DATABASE
    restored: Role = Role.RESTORED_DATABASE

    def steps(self) -> tuple[Step, ...]:
        work = _Restore(self)
        return (
            Step(TAKE, Part.EXECUTE, _SECTION, work.take),
            Step(IDENTIFY, Part.EXECUTE, _SECTION, work.identify),
            Step(BEGIN, Part.EXECUTE, _SECTION, work.begin),
            Step(MONITOR, Part.EXECUTE, _SECTION, work.monitor),
            Step(COMPLETE, Part.EXECUTE, _SECTION, work.complete),
            Step(WATCH, Part.EXECUTE, _SECTION, work.watch),
        )


@dataclass(slots=True)
class _Restore:
    """One restore, and what its steps leave for later ones."""

    procedure: RestoreDatabase
    points: list[RecoveryPointByBackupVaultTypeDef] = field(default_factory=list)
    job: str = ""

    def take(self, recovery: Recovery) -> None:
        original = self._original(recovery)
        recovery_points.back_up(recovery, recovery_points.vault_of(recovery, original), original)

    def identify(self, recovery: Recovery) -> None:
        """Raises ProcedureFailed when there is no completed recovery point of the original."""
        original = self._original(recovery)
        self.points = recovery_points.usable(recovery, recovery_points.vault_of(recovery, original), original)

    def begin(self, recovery: Recovery) -> None:
        if not self.points:
            raise ProcedureFailed("no step has identified a recovery point")
        original = self._original(recovery)
        vault, target = recovery_points.vault_of(recovery, original), self._target(recovery)
        wanted = like(databases.look(recovery, original), target.identifier)
        self.job = recovery_points.begin_restore(recovery, vault, self.points[0], wanted)

    def monitor(self, recovery: Recovery) -> None:
        """Raises ProcedureFailed with AWS Backup's words when the job does not complete."""
        target = self._target(recovery)
        recovery_points.wait_restored(recovery, target.region, self.job)
        databases.wait_available(recovery, target, recovery.patience(RESTORE_RECOVERY_POINT))

    def complete(self, recovery: Recovery) -> None:
        """What a restore does not give: backups and their window, the standby, protection from deletion."""
        was, target = databases.look(recovery, self._original(recovery)), self._target(recovery)
        recovery.aws.rds(target.region).modify_db_instance(
            DBInstanceIdentifier=target.identifier,
            BackupRetentionPeriod=was["BackupRetentionPeriod"],
            PreferredBackupWindow=was["PreferredBackupWindow"],
            MultiAZ=was["MultiAZ"],
            DeletionProtection=was["DeletionProtection"],
            ApplyImmediately=True,
        )
        databases.wait_protected(recovery, target, self.procedure.original)

    def watch(self, recovery: Recovery) -> None:
        alarms.watch(recovery, self._target(recovery), self.procedure.original)

    def _original(self, recovery: Recovery) -> Database:
        return recovery.estate.database(self.procedure.original)

    def _target(self, recovery: Recovery) -> Database:
        return recovery.estate.database(self.procedure.restored)


def like(original: DBInstanceTypeDef, identifier: str) -> dict[str, str]:
    """The metadata of a new instance like an original; what a recovery point says is how that was when it was made."""
    groups = [group["VpcSecurityGroupId"] for group in original["VpcSecurityGroups"]]
    flags = {
        "AutoMinorVersionUpgrade": original["AutoMinorVersionUpgrade"],
        "CopyTagsToSnapshot": original["CopyTagsToSnapshot"],
        "PubliclyAccessible": original["PubliclyAccessible"],
    }
    return recovery_points.placed(identifier, *groups) | {
        "DBInstanceClass": original["DBInstanceClass"],
        "DBParameterGroupName": original["DBParameterGroups"][0]["DBParameterGroupName"],
        "DBSubnetGroupName": original["DBSubnetGroup"]["DBSubnetGroupName"],
        **{name: str(value).lower() for name, value in flags.items()},
    }
