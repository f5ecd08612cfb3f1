"""What RDS keeps of an instance in a backup of it, and where snapshots are kept. They outlive its storage."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from harness.cloud.service import Answer, AwsError
from harness.cloud.services.rds.state import DbInstance
from harness.cloud.services.rds.words import shown_tags
from harness.estate import Database
from harness.machines.backup import BaseBackup


@dataclass(frozen=True, slots=True)
class Portrait:
    """An instance as it was when it was backed up: what a restore takes over from it."""

    database: Database
    resource_id: str
    created: datetime
    user: str
    port: int
    retention: int
    window: str
    kms_key: str | None

    @classmethod
    def of(cls, instance: DbInstance) -> Portrait:
        return cls(
            instance.database, instance.resource_id, instance.created, instance.machine.login.user,
            instance.endpoint.port, instance.backup_retention, instance.backup_window, instance.kms_key,
        )  # fmt: skip

    def shown(self) -> Answer:
        """What a snapshot and an automated backup say of it alike."""
        shown: Answer = {
            "DBInstanceIdentifier": self.database.identifier,
            "DbiResourceId": self.resource_id,
            "InstanceCreateTime": self.created,
            "Engine": "postgres",
            "EngineVersion": self.database.engine_version,
            "LicenseModel": "postgresql-license",
            "MasterUsername": self.user,
            "AllocatedStorage": self.database.allocated_gib,
            "StorageType": "gp3",
            "Port": self.port,
            "AvailabilityZone": f"{self.database.region}a",
            "VpcId": vpc(self.database.region),
            "BackupRetentionPeriod": self.retention,
            "PreferredBackupWindow": self.window,
            "Encrypted": self.kms_key is not None,
        }
        return shown | ({"KmsKeyId": self.kms_key} if self.kms_key else {})


@dataclass(slots=True)
class DbSnapshot:
    """One DB snapshot; its fields change only while the lock of its Snapshots is held."""

    identifier: str
    arn: str
    region: str
    kind: str
    """automated, manual or awsbackup."""
    portrait: Portrait
    tags: dict[str, str] = field(default_factory=dict)
    status: str = "creating"
    percent: int = 0
    taken: datetime | None = None
    """When it was begun, known once it is there: everything committed before is in it."""
    first_taken: datetime | None = None
    """The same of the snapshot that this is a copy of."""
    backup: BaseBackup | None = None
    copy_of: DbSnapshot | None = None

    def shown(self) -> Answer:
        shown = self.portrait.shown() | {
            "DBSnapshotIdentifier": self.identifier,
            "DBSnapshotArn": self.arn,
            "SnapshotType": self.kind,
            "Status": self.status,
            "PercentProgress": self.percent,
            "SnapshotTarget": "region",
            "TagList": shown_tags(self.tags),
        }
        if self.taken:
            shown |= {"SnapshotCreateTime": self.taken, "OriginalSnapshotCreateTime": self.first_taken or self.taken}
        if self.backup:
            shown["FullSnapshotSizeInBytes"] = self.backup.size()
        if self.copy_of:
            shown["SourceDBSnapshotIdentifier"] = self.copy_of.arn
            if self.copy_of.region != self.region:
                shown["SourceRegion"] = self.copy_of.region
        return shown


class Snapshots:
    """All DB snapshots of the account. Hold `lock` to change one."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self._all: dict[str, DbSnapshot] = {}

    def __iter__(self) -> Iterator[DbSnapshot]:
        return iter(tuple(self._all.values()))

    def add(self, snapshot: DbSnapshot) -> None:
        """Raises DBSnapshotAlreadyExists."""
        with self.lock:
            if snapshot.arn in self._all:
                message = f"Cannot create the snapshot because a snapshot with the identifier {snapshot.identifier} "
                raise AwsError("DBSnapshotAlreadyExists", message + "already exists.")
            self._all[snapshot.arn] = snapshot

    def remove(self, snapshot: DbSnapshot) -> None:
        with self.lock:
            self._all.pop(snapshot.arn, None)

    def find(self, region: str, name: str) -> DbSnapshot:
        """By identifier in its region, or by ARN. Raises DBSnapshotNotFound."""
        for snapshot in self:
            if name == snapshot.arn or (snapshot.region == region and name.lower() == snapshot.identifier.lower()):
                return snapshot
        raise AwsError("DBSnapshotNotFound", f"DBSnapshot {name} not found.", 404)


def vpc(region: str) -> str:
    """The VPC of a region."""
    return "vpc-" + hashlib.sha256(region.encode()).hexdigest()[:17]


def snapshot_arn(instance: DbInstance, name: str) -> str:
    return instance.arn.replace(f":db:{instance.identifier}", f":snapshot:{name}")
