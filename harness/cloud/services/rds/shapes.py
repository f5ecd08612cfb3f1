"""A DB instance in the shape of RDS's API, and the filters of its describe call."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from harness.cloud.service import Answer, Call
from harness.cloud.services.rds.state import DbInstance
from harness.cloud.services.rds.words import kept_by_filters, shown_tags

_UNREACHABLE = frozenset({"creating", "stopped"})


def shown_instance(instance: DbInstance, latest: datetime | None = None) -> Answer:
    """What describe and every mutation answer; `latest` is the latest restorable time."""
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
        "VpcSecurityGroups": [
            {"VpcSecurityGroupId": group, "Status": "adding" if instance.joining else "active"}
            for group in instance.groups
        ],
        "PendingModifiedValues": dict(instance.pending),
        "ReadReplicaDBInstanceIdentifiers": [replica.known_as(instance) for replica in instance.replicas],
        "PubliclyAccessible": False,
        "StorageEncrypted": instance.kms_key is not None,
        "DeletionProtection": instance.deletion_protection,
        "DBParameterGroups": [{"DBParameterGroupName": instance.parameter_group, "ParameterApplyStatus": "in-sync"}],
        "DBSubnetGroup": {"DBSubnetGroupName": instance.subnet_group, "SubnetGroupStatus": "Complete"},
        "AutoMinorVersionUpgrade": False,
        "CopyTagsToSnapshot": False,
        "TagList": shown_tags(instance.tags),
    }
    if instance.kms_key:
        shown["KmsKeyId"] = instance.kms_key
    if instance.status not in _UNREACHABLE:
        shown["Endpoint"] = {"Address": instance.endpoint.host, "Port": instance.endpoint.port}
    if instance.multi_az:
        shown["SecondaryAvailabilityZone"] = f"{instance.region}b"
    if instance.source is not None:
        shown["ReadReplicaSourceDBInstanceIdentifier"] = instance.source.known_as(instance)
        shown["StatusInfos"] = [_replication(instance)]
    if latest:
        shown["LatestRestorableTime"] = latest
    return shown


def filtered(instances: Iterable[DbInstance], call: Call) -> list[DbInstance]:
    """The instances that the call's Filters keep. Raises InvalidParameterValue for a filter that RDS does not have."""
    return kept_by_filters(instances, call, _FILTERS)


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
