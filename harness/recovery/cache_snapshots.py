"""Snapshots of caches: which can be used, and a group that is made of one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.aws_rules.durations import CREATE_CACHE
from harness.errors import ProcedureFailed
from harness.estate import Cache
from harness.recovery import caches
from harness.recovery.procedure import Recovery

if TYPE_CHECKING:
    from datetime import datetime

    from mypy_boto3_elasticache.type_defs import SnapshotTypeDef


def usable(recovery: Recovery, cache: Cache) -> list[str]:
    """The names of a group's usable snapshots, oldest first: the API promises no order."""
    found = recovery.aws.elasticache(cache.region).describe_snapshots(ReplicationGroupId=cache.identifier)["Snapshots"]
    available = [snapshot for snapshot in found if snapshot.get("SnapshotStatus") == "available"]
    return [snapshot["SnapshotName"] for snapshot in sorted(available, key=_taken)]


def last(recovery: Recovery, cache: Cache) -> str:
    """Raises ProcedureFailed when there is none that can be used."""
    if not (found := usable(recovery, cache)):
        raise ProcedureFailed(
            f"there is no usable snapshot of {cache.identifier}", hint="Look at its snapshot retention and events."
        )
    return found[-1]


def begin(recovery: Recovery, target: Cache, snapshot: str, **changes: object) -> None:
    """Order a group of a snapshot, as the estate has it; what a default would get wrong is named."""
    asked = {
        "ReplicationGroupId": target.identifier,
        "ReplicationGroupDescription": f"restored from {snapshot}",
        "SnapshotName": snapshot,
        "Engine": "redis",
        "EngineVersion": target.engine_version,
        "CacheNodeType": target.node_type,
        "NumCacheClusters": target.nodes,
        "AutomaticFailoverEnabled": target.automatic_failover,
        "MultiAZEnabled": target.automatic_failover,
        "CacheParameterGroupName": target.parameter_group,
        "CacheSubnetGroupName": target.subnet_group,
        "SecurityGroupIds": [target.security_group],
        "SnapshotRetentionLimit": target.snapshot_retention_days,
        **changes,
    }
    asked = {name: value for name, value in asked.items() if value is not None}
    recovery.aws.elasticache(target.region).create_replication_group(**asked)  # type: ignore[arg-type]


def wait(recovery: Recovery, target: Cache) -> None:
    """Wait until the group that was ordered is available. Raises ProcedureFailed when no waiting helps."""
    caches.wait_available(recovery, target, recovery.patience(CREATE_CACHE))


def restore(recovery: Recovery, target: Cache, snapshot: str, **changes: object) -> None:
    """Make `target` of a snapshot; returns when it is available."""
    begin(recovery, target, snapshot, **changes)
    wait(recovery, target)


def _taken(snapshot: SnapshotTypeDef) -> datetime:
    return min(node["SnapshotCreateTime"] for node in snapshot["NodeSnapshots"])
