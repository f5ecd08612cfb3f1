"""Vaults, recovery points and jobs in the shape of AWS Backup's API."""

from __future__ import annotations

from typing import Any

from harness.cloud.service import Answer
from harness.cloud.services.backup.state import BackupJob, CopyJob, Job, RecoveryPoint, RestoreJob, Vault


def shown_vault(vault: Vault, points: int) -> Answer:
    return _given(
        BackupVaultName=vault.name,
        BackupVaultArn=vault.arn,
        VaultType="BACKUP_VAULT",
        VaultState="AVAILABLE",
        EncryptionKeyArn=vault.key,
        CreationDate=vault.created,
        NumberOfRecoveryPoints=points,
        Locked=False,
    )


def shown_point(point: RecoveryPoint) -> Answer:
    """As the list of a vault and DescribeRecoveryPoint show it."""
    calculated = {"DeleteAt": point.expires()} if point.expires() else {}
    return _given(
        RecoveryPointArn=point.arn,
        BackupVaultName=point.vault.name,
        BackupVaultArn=point.vault.arn,
        SourceBackupVaultArn=point.source_vault or None,
        ResourceArn=point.resource_arn,
        ResourceName=name_of(point.resource_arn),
        ResourceType=point.keeper.resource_type,
        CreatedBy=point.plan or None,
        IamRoleArn=point.role,
        Status=point.status,
        CreationDate=point.begun,
        InitiationDate=point.begun,
        CompletionDate=point.completed,
        BackupSizeInBytes=point.held.size() if point.completed else None,
        CalculatedLifecycle=calculated,
        Lifecycle=point.lifecycle or None,
        IsEncrypted=False,
        IsParent=False,
        LastRestoreTime=point.restored,
        VaultType="BACKUP_VAULT",
    )


def shown_point_of_resource(point: RecoveryPoint) -> Answer:
    """As the list of a resource shows it, which says less."""
    return _given(
        RecoveryPointArn=point.arn,
        CreationDate=point.begun,
        Status=point.status,
        BackupSizeBytes=point.held.size() if point.completed else None,
        BackupVaultName=point.vault.name,
        IsParent=False,
        ResourceName=name_of(point.resource_arn),
        VaultType="BACKUP_VAULT",
    )


def shown_backup_job(job: BackupJob) -> Answer:
    assert job.vault
    return _of_job(job, "State") | _given(
        BackupJobId=job.id,
        BackupVaultName=job.vault.name,
        BackupVaultArn=job.vault.arn,
        VaultType="BACKUP_VAULT",
        RecoveryPointArn=job.point.arn if job.point else None,
        PercentDone=f"{job.percent:.1f}",
        BackupSizeInBytes=_size(job.point),
        ResourceArn=job.resource_arn,
        ResourceName=name_of(job.resource_arn),
        IsParent=False,
    )


def shown_copy_job(job: CopyJob) -> Answer:
    assert job.source
    assert job.destination
    return _of_job(job, "State") | _given(
        CopyJobId=job.id,
        SourceBackupVaultArn=job.source.vault.arn,
        SourceRecoveryPointArn=job.source.arn,
        DestinationBackupVaultArn=job.destination.arn,
        DestinationRecoveryPointArn=job.point.arn if job.point else None,
        BackupSizeInBytes=_size(job.point),
        ResourceArn=job.resource_arn,
        ResourceName=name_of(job.resource_arn),
        IsParent=False,
    )


def shown_restore_job(job: RestoreJob) -> Answer:
    assert job.source
    return _of_job(job, "Status") | _given(
        RestoreJobId=job.id,
        RecoveryPointArn=job.source.arn,
        RecoveryPointCreationDate=job.source.begun,
        SourceResourceArn=job.resource_arn,
        BackupVaultArn=job.source.vault.arn,
        PercentDone=f"{job.percent:.2f}%",
        BackupSizeInBytes=_size(job.source),
        CreatedResourceArn=job.made or None,
        IsParent=False,
    )


def name_of(arn: str) -> str:
    """What a resource's ARN calls it."""
    return arn.rsplit(":", 1)[-1]


def _of_job(job: Job, state: str) -> Answer:
    return _given(
        AccountId=job.role.split(":")[4],
        CreationDate=job.begun,
        CompletionDate=job.ended,
        StatusMessage=job.said or None,
        IamRoleArn=job.role,
        ResourceType=job.resource_type,
        CreatedBy=job.plan or None,
        **{state: job.state},
    )


def _size(point: RecoveryPoint | None) -> int | None:
    return point.held.size() if point and point.completed else None


def _given(**values: Any) -> Answer:
    return {name: value for name, value in values.items() if value is not None}
