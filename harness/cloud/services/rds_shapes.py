"""A DB instance in the shape of RDS's API, and the filters of its describe call."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from harness.cloud.service import Answer, AwsError, Call
from harness.cloud.services.rds_state import DbInstance

_UNREACHABLE = frozenset({"creating", "stopped"})


def shown_instance(instance: DbInstance) -> Answer:
    """What describe and every mutation answer."""
    database = instance.database
    shown: Answer = {
        "DBInstanceIdentifier": instance.identifier,
        "DBInstanceArn": instance.arn,
        "DbiResourceId": instance.resource_id,
        "DBInstanceClass": database.instance_class,
        "DBInstanceStatus": instance.status,
        "Engine": "postgres",
        "EngineVersion": database.engine_version,
        "MasterUsername": instance.machine.login.user,
        "DBName": instance.machine.login.database,
        "AllocatedStorage": database.allocated_gib,
        "StorageType": "gp3",
        "InstanceCreateTime": instance.created,
        "PreferredBackupWindow": instance.backup_window,
        "PreferredMaintenanceWindow": "sun:05:00-sun:06:00",
        "BackupRetentionPeriod": instance.backup_retention,
        "MultiAZ": instance.multi_az,
        "AvailabilityZone": f"{instance.region}a",
        "VpcSecurityGroups": [{"VpcSecurityGroupId": group, "Status": "active"} for group in instance.groups],
        "PendingModifiedValues": dict(instance.pending),
        "ReadReplicaDBInstanceIdentifiers": [replica.known_as(instance) for replica in instance.replicas],
        "PubliclyAccessible": False,
        "StorageEncrypted": False,
        "DeletionProtection": True,
        "AutoMinorVersionUpgrade": False,
        "TagList": shown_tags(instance),
    }
    if instance.status not in _UNREACHABLE:
        shown["Endpoint"] = {"Address": instance.endpoint.host, "Port": instance.endpoint.port}
    if instance.multi_az:
        shown["SecondaryAvailabilityZone"] = f"{instance.region}b"
    if instance.source is not None:
        shown["ReadReplicaSourceDBInstanceIdentifier"] = instance.source.known_as(instance)
        shown["StatusInfos"] = [_replication(instance)]
    if instance.backup_retention and (latest := _latest_restorable(instance)):
        shown["LatestRestorableTime"] = latest
    return shown


def shown_tags(instance: DbInstance) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in sorted(instance.tags.items())]


def filtered(instances: Iterable[DbInstance], call: Call) -> list[DbInstance]:
    """The instances that the call's Filters keep. Raises InvalidParameterValue for a filter that RDS does not have."""
    kept = list(instances)
    for wanted in call.params.get("Filters", ()):
        name, values = wanted["Name"], set(wanted["Values"])
        if name not in _FILTERS:
            raise AwsError("InvalidParameterValue", f"Unrecognized filter name: {name}")
        kept = [instance for instance in kept if values & set(_FILTERS[name](instance))]
    return kept


_FILTERS: dict[str, Any] = {
    "db-instance-id": lambda instance: (instance.identifier, instance.arn),
    "dbi-resource-id": lambda instance: (instance.resource_id,),
    "engine": lambda instance: ("postgres",),
    "db-cluster-id": lambda instance: (),
    "domain": lambda instance: (),
}


def _replication(instance: DbInstance) -> dict[str, object]:
    """As RDS says it: Status is replicating, error, stopped or terminated, with a message in case of an error."""
    if instance.machine.is_receiving():
        return {"StatusType": "read replication", "Normal": True, "Status": "replicating"}
    why = "Replication is not active: streaming from the source instance has stopped."
    return {"StatusType": "read replication", "Normal": False, "Status": "error", "Message": why}


def _latest_restorable(instance: DbInstance) -> datetime | None:
    """When the newest archived log was finished: up to there the instance can be restored to any point in time."""
    folder: Path = instance.machine.server.archive
    try:
        finished = [entry.stat().st_mtime for entry in folder.iterdir() if not entry.name.endswith(".part")]
    except OSError:
        finished = []
    return max([instance.created, *(datetime.fromtimestamp(moment, UTC) for moment in finished)])
