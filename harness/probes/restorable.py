"""The probe of what a database can be restored from: which backups there are, and of which moment each is."""

from __future__ import annotations

from collections.abc import Iterator

from harness.aws import Aws
from harness.estate import Database
from harness.facts import BackupSeen


def backups_of(aws: Aws, database: Database) -> Iterator[BackupSeen]:
    """Every snapshot and recovery point of it that can be restored. Raises ClientError."""
    rds = aws.rds(database.region)
    for snapshot in rds.describe_db_snapshots(DBInstanceIdentifier=database.identifier)["DBSnapshots"]:
        if snapshot["Status"] == "available":
            yield BackupSeen(snapshot["DBSnapshotIdentifier"], snapshot["SnapshotCreateTime"], snapshot["SnapshotType"])
    points = aws.backup(database.region).list_recovery_points_by_resource(ResourceArn=arn_of(aws, database))
    for point in points["RecoveryPoints"]:
        if point["Status"] == "COMPLETED":
            yield BackupSeen(point["RecoveryPointArn"], point["CreationDate"], "recovery point")


def arn_of(aws: Aws, database: Database) -> str:
    """The ARN of an instance, also of a lost one. Raises ClientError."""
    found = aws.rds(database.region).describe_db_instances(DBInstanceIdentifier=database.identifier)
    return found["DBInstances"][0]["DBInstanceArn"]
