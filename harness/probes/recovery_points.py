"""The probe of AWS Backup: which recovery points of a database there are, and which restores were begun."""

from __future__ import annotations

from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from harness.aws import Aws
from harness.estate import Database, Vault

if TYPE_CHECKING:
    from mypy_boto3_backup.type_defs import RecoveryPointByBackupVaultTypeDef, RestoreJobsListMemberTypeDef


def completed(aws: Aws, vault: Vault, database: Database) -> list[RecoveryPointByBackupVaultTypeDef]:
    """The usable recovery points of a database in a vault; none where the vault cannot be read."""
    try:
        pages = aws.backup(vault.region).get_paginator("list_recovery_points_by_backup_vault")
        found = [point for page in pages.paginate(BackupVaultName=vault.name) for point in page["RecoveryPoints"]]
    except ClientError:
        return []
    mine = f":db:{database.identifier}"
    return [point for point in found if point["Status"] == "COMPLETED" and point["ResourceArn"].endswith(mine)]


def restores(aws: Aws, *regions: str) -> list[RestoreJobsListMemberTypeDef]:
    """Every restore job of these regions. Raises ClientError."""
    pages = (page for region in regions for page in aws.backup(region).get_paginator("list_restore_jobs").paginate())
    return [job for page in pages for job in page["RestoreJobs"]]
