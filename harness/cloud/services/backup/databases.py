"""How AWS Backup keeps databases: recovery points of RDS are DB snapshots of its own kind, restored by RDS."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta

from harness.cloud.service import AwsError, Call, World
from harness.cloud.services.backup.state import Done, Held
from harness.cloud.services.backup.words import invalid
from harness.cloud.services.rds import Rds
from harness.cloud.services.rds.snapshot_state import DbSnapshot
from harness.cloud.services.rds.state import DbInstance

_TEXTS = ("DBInstanceClass", "DBParameterGroupName", "DBSubnetGroupName", "Engine", "LicenseModel", "StorageType")
_FLAGS = (
    "MultiAZ", "PubliclyAccessible", "AutoMinorVersionUpgrade", "DeletionProtection", "CopyTagsToSnapshot",
)  # fmt: skip
_NUMBERS = ("AllocatedStorage", "Port", "Iops", "StorageThroughput")
_IGNORED = frozenset({"AvailabilityZone", "OptionGroupName", "Port", "Iops", "StorageThroughput", "DBName"})
"""What the metadata of a recovery point holds and a restore in the embedded cloud has no use for."""
_KNOWN = frozenset(
    {*_TEXTS, *_FLAGS, *_NUMBERS, *_IGNORED, "DBInstanceIdentifier", "VpcSecurityGroupIds",
     "EnableIAMDatabaseAuthentication", "EnableCloudwatchLogsExports"}
)  # fmt: skip
_LOOK = timedelta(seconds=15)
_SHORTEST_LOOK = timedelta(milliseconds=50)


class Databases:
    """The keeper of DB instances."""

    resource_type = "RDS"

    def __init__(self, world: World) -> None:
        self._world = world

    @property
    def _rds(self) -> Rds:
        return self._world.neighbour(Rds)

    def region_of(self, arn: str) -> str:
        return self._instance(arn).region

    def back_up(self, arn: str, job: str, tags: dict[str, str], done: Done) -> Held:
        instance, name = self._instance(arn), f"awsbackup:job-{job.lower()}"
        then = self._telling(instance.region, name, done)
        return _held(self._rds.snapshots.take(instance, name, kind="awsbackup", tags=tags, then=then))

    def found(self, instance: DbInstance, taken: datetime) -> Held:
        """A recovery point from before the drill: what the estate's databases are made from."""
        name = f"awsbackup:job-{uuid.uuid5(uuid.NAMESPACE_URL, f'{instance.arn}{taken}')}"
        return _held(self._rds.backups.found_snapshot(instance, name, "awsbackup", taken))

    def found_copy(self, held: Held, region: str, taken: datetime) -> Held:
        """The copy of such a one in another region."""
        return _held(self._rds.backups.found_copy(_snapshot(held), region, taken))

    def copy(self, held: Held, region: str, job: str, done: Done) -> Held:
        source, name = _snapshot(held), f"awsbackup:copyjob-{job.lower()}"
        key = "alias/aws/rds" if source.portrait.kms_key else None
        then = self._telling(region, name, done)
        begin = self._rds.snapshots.begin_copy
        return _held(begin(source, region, name, kind="awsbackup", key=key, tags=dict(source.tags), then=then))

    def metadata(self, held: Held) -> dict[str, str]:
        snapshot = _snapshot(held)
        database, shown = snapshot.portrait.database, snapshot.portrait.shown()
        texts = {name: str(shown[name]) for name in ("AvailabilityZone", "Engine", "LicenseModel", "StorageType")}
        return texts | {
            "AllocatedStorage": str(shown["AllocatedStorage"]),
            "AutoMinorVersionUpgrade": "false",
            "CopyTagsToSnapshot": "false",
            "DBInstanceClass": database.instance_class,
            "DBInstanceIdentifier": database.identifier,
            "DBParameterGroupName": database.parameter_group,
            "DBSubnetGroupName": database.subnet_group,
            "DeletionProtection": "false",
            "MultiAZ": str(database.multi_az).lower(),
            "Port": str(shown["Port"]),
            "PubliclyAccessible": "false",
        }

    def check(self, held: Held, metadata: dict[str, str]) -> None:
        """Unknown keys, and a missing name of what is to be made, are refused before any job is begun."""
        if unknown := sorted(set(metadata) - _KNOWN):
            raise invalid(f"Invalid restore metadata. Unrecognized key : {', '.join(unknown)}")
        if not metadata.get("DBInstanceIdentifier"):
            raise invalid("Invalid restore metadata. DBInstanceIdentifier is required to restore an RDS instance")
        for name in _FLAGS:
            if metadata.get(name, "true").lower() not in ("true", "false"):
                raise invalid(f"Invalid restore metadata. {name} must be true or false")
        for name in _NUMBERS:
            if not metadata.get(name, "0").isdigit():
                raise invalid(f"Invalid restore metadata. {name} must be a number")
        _groups(metadata)

    def restore(self, held: Held, region: str, metadata: dict[str, str], done: Done) -> str:
        params = _restore_params(held, metadata)
        made = self._rds.restores.from_snapshot(
            Call("rds", "RestoreDBInstanceFromDBSnapshot", region, "aws-backup", "", params)
        )["DBInstance"]
        self._follow(self._rds.instances.by_arn(made["DBInstanceArn"]), done)
        return str(made["DBInstanceArn"])

    def remove(self, held: Held) -> None:
        self._rds.snapshots.remove(_snapshot(held))

    def _telling(self, region: str, name: str, done: Done) -> Callable[[], None]:
        return lambda: done(_failure(self._rds.backups.snapshots.find(region, name)))

    def _follow(self, instance: DbInstance, done: Done) -> None:
        """Look every few seconds of AWS's time until the instance is there, or cannot be."""

        def look() -> None:
            if instance.status == "available":
                done("")
            elif instance.beyond_repair or instance.status == "deleting":
                done(f"The restored instance {instance.identifier} is {instance.status}")
            else:
                self._follow(instance, done)

        what = f"restore job of {instance.identifier}"
        self._world.pace.later(_LOOK, what, look, at_least=_SHORTEST_LOOK)

    def _instance(self, arn: str) -> DbInstance:
        """Raises ResourceNotFoundException."""
        try:
            return self._rds.instances.by_arn(arn)
        except AwsError as error:
            raise AwsError("ResourceNotFoundException", f"Resource {arn} not found.") from error


def _restore_params(held: Held, metadata: dict[str, str]) -> dict[str, object]:
    params: dict[str, object] = {"DBSnapshotIdentifier": _snapshot(held).identifier}
    params["DBInstanceIdentifier"] = metadata["DBInstanceIdentifier"]
    params |= {name: metadata[name] for name in _TEXTS if metadata.get(name)}
    params |= {name: metadata[name].lower() == "true" for name in _FLAGS if name in metadata}
    if "AllocatedStorage" in metadata:
        params["AllocatedStorage"] = int(metadata["AllocatedStorage"])
    if groups := _groups(metadata):
        params["VpcSecurityGroupIds"] = groups
    return params


def _groups(metadata: dict[str, str]) -> list[str]:
    """VpcSecurityGroupIds is a JSON list in a string."""
    text = metadata.get("VpcSecurityGroupIds", "[]")
    try:
        groups = json.loads(text)
    except ValueError:
        groups = None
    if not isinstance(groups, list) or not all(isinstance(group, str) for group in groups):
        raise invalid("Invalid restore metadata. VpcSecurityGroupIds must be a JSON list of security group ids")
    return groups


def _held(snapshot: DbSnapshot) -> Held:
    return Held(snapshot.arn, lambda: snapshot.backup.size() if snapshot.backup else 0, snapshot)


def _snapshot(held: Held) -> DbSnapshot:
    assert isinstance(held.content, DbSnapshot)
    return held.content


def _failure(snapshot: DbSnapshot) -> str:
    return "" if snapshot.status == "available" else f"The snapshot {snapshot.identifier} is {snapshot.status}"
