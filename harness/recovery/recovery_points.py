"""What procedures do with AWS Backup: find the recovery point that is meant, restore it, wait for it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from harness.aws_rules.durations import CREATE_SNAPSHOT, DELETE_INSTANCE, RESTORE_RECOVERY_POINT
from harness.errors import ProcedureFailed
from harness.estate import BackupPlan, Database, Vault
from harness.recovery.procedure import Recovery
from harness.wait import until

if TYPE_CHECKING:
    from mypy_boto3_backup.type_defs import RecoveryPointByBackupVaultTypeDef

_ENDED = frozenset({"COMPLETED", "FAILED", "ABORTED", "EXPIRED", "PARTIAL"})


def usable(recovery: Recovery, vault: Vault, database: Database) -> list[RecoveryPointByBackupVaultTypeDef]:
    """The completed recovery points of a database in a vault, the newest first. Raises ProcedureFailed for none.

    AWS gives them in no order that it promises, those of other resources and unfinished ones among them.
    """
    pages = recovery.aws.backup(vault.region).get_paginator("list_recovery_points_by_backup_vault")
    arn = arn_of(recovery, database)
    found = [
        point
        for page in pages.paginate(BackupVaultName=vault.name, ByResourceArn=arn)
        for point in page["RecoveryPoints"]
        if point["Status"] == "COMPLETED"
    ]
    if not found:
        raise ProcedureFailed(f"{vault.name} holds no completed recovery point of {database.identifier}")
    return sorted(found, key=lambda point: point["CreationDate"], reverse=True)


def back_up(recovery: Recovery, vault: Vault, database: Database) -> None:
    """Take a recovery point now; returns when it is completed. Raises ProcedureFailed."""
    backup = recovery.aws.backup(vault.region)
    job = backup.start_backup_job(
        BackupVaultName=vault.name, ResourceArn=arn_of(recovery, database), IamRoleArn=role_of(recovery, database)
    )["BackupJobId"]
    within = recovery.patience(CREATE_SNAPSHOT) + CREATE_SNAPSHOT.worst * recovery.pace
    _wait(recovery, "backup job", lambda: backup.describe_backup_job(BackupJobId=job), "State", within)


def begin_restore(
    recovery: Recovery, vault: Vault, point: RecoveryPointByBackupVaultTypeDef, wanted: Mapping[str, str]
) -> str:
    """Begin to restore a recovery point as it was, but for what is `wanted`; returns the job's id.

    The instance's name and its security groups have to be wanted, see `placed`: the recovery point names the
    original, and no groups. AWS chooses the zone, because a Multi-AZ instance cannot have one.
    """
    backup, arn = recovery.aws.backup(vault.region), point["RecoveryPointArn"]
    given = backup.get_recovery_point_restore_metadata(BackupVaultName=vault.name, RecoveryPointArn=arn)
    metadata = {key: value for key, value in given["RestoreMetadata"].items() if key != "AvailabilityZone"}
    answer = backup.start_restore_job(
        RecoveryPointArn=arn, Metadata={**metadata, **wanted}, IamRoleArn=point["IamRoleArn"], ResourceType="RDS"
    )
    return answer["RestoreJobId"]


def placed(identifier: str, *groups: str) -> dict[str, str]:
    """The metadata of a new instance in security groups; a standby comes later, where one is wanted at all."""
    return {"DBInstanceIdentifier": identifier, "VpcSecurityGroupIds": json.dumps(groups), "MultiAZ": "false"}


def wait_restored(recovery: Recovery, region: str, job: str) -> None:
    """Return when a restore job is completed. Raises ProcedureFailed with what AWS Backup says of one that failed."""
    backup = recovery.aws.backup(region)
    within = recovery.patience(RESTORE_RECOVERY_POINT)
    _wait(recovery, "restore job", lambda: backup.describe_restore_job(RestoreJobId=job), "Status", within)


def remove(recovery: Recovery, made: Sequence[tuple[str, str]]) -> None:
    """Delete instances that restores made, each a region and an identifier; returns when all are gone."""
    what, within = ", ".join(identifier for _, identifier in made), recovery.patience(RESTORE_RECOVERY_POINT)
    until(
        f"{what} available",
        lambda: all(_statuses(recovery, region).get(identifier) == "available" for region, identifier in made),
        within=within,
        clock=recovery.clock,
    )
    for region, identifier in made:
        recovery.aws.rds(region).delete_db_instance(
            DBInstanceIdentifier=identifier, SkipFinalSnapshot=True, DeleteAutomatedBackups=True
        )
    until(
        f"{what} gone",
        lambda: not any(identifier in _statuses(recovery, region) for region, identifier in made),
        within=recovery.patience(DELETE_INSTANCE),
        clock=recovery.clock,
    )


def _statuses(recovery: Recovery, region: str) -> dict[str, str]:
    """Every instance of a region and its status."""
    found = recovery.aws.rds(region).describe_db_instances()["DBInstances"]
    return {one["DBInstanceIdentifier"]: one["DBInstanceStatus"] for one in found}


def vault_of(recovery: Recovery, database: Database) -> Vault:
    """The vault that a plan fills with the database's recovery points. Raises ProcedureFailed without one."""
    name = _plan_of(recovery, database).vault
    for vault in recovery.estate.vaults:
        if vault.name == name:
            return vault
    raise ProcedureFailed(f"the estate has no backup vault {name}")


def arn_of(recovery: Recovery, database: Database) -> str:
    return f"arn:aws:rds:{database.region}:{recovery.estate.account_id}:db:{database.identifier}"


def role_of(recovery: Recovery, database: Database) -> str:
    """The role that AWS Backup acts as for the plan that protects the database."""
    return f"arn:aws:iam::{recovery.estate.account_id}:role/{_plan_of(recovery, database).service_role}"


def _plan_of(recovery: Recovery, database: Database) -> BackupPlan:
    for plan in recovery.estate.backup_plans:
        if database.role in plan.protects:
            return plan
    raise ProcedureFailed(f"no backup plan protects {database.identifier}")


def _wait(recovery: Recovery, what: str, look: Callable[[], Any], state: str, within: timedelta) -> None:
    until(f"{what} ended", lambda: look()[state] in _ENDED, within=within, clock=recovery.clock)
    seen = look()
    if seen[state] != "COMPLETED":
        raise ProcedureFailed(f"the {what} is {seen[state]}: {seen.get('StatusMessage', 'no reason given')}")
