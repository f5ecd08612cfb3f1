"""Redis cache recovery, option B: another group is made from the last usable snapshot, and filled before it is left."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.aws_rules.durations import CREATE_CACHE
from harness.errors import ProcedureFailed
from harness.estate import Cache, Role
from harness.facts import Part
from harness.recovery import alarms, caches, switching
from harness.recovery.procedure import Recovery, Step

if TYPE_CHECKING:
    from datetime import datetime

    from mypy_boto3_elasticache.type_defs import SnapshotTypeDef

_SECTION = "Redis Cache Recovery / Scenario 1: Redis Cluster Failure / Option B"


@dataclass(frozen=True, slots=True)
class RestoreCache:
    """Restore with everything named that a default would get wrong, such as groups, nodes, failover and snapshots."""

    lost: Role = Role.CACHE
    restored: Role = Role.RESTORED_CACHE
    application: Role = Role.APPLICATION

    def steps(self) -> tuple[Step, ...]:
        return (
            Step("assess the impact", Part.EXECUTE, _SECTION, self.assess),
            Step("restore the last snapshot", Part.EXECUTE, _SECTION, self.restore),
            Step("repoint the application", Part.REDIRECT, _SECTION, self.repoint),
            Step("deploy the application", Part.REDIRECT, _SECTION, self.deploy),
            Step("set the alarms", Part.REDIRECT, _SECTION, self.watch),
            Step("warm the cache up", Part.REDIRECT, _SECTION, self.warm_up),
            Step("follow the hit rate", Part.REDIRECT, _SECTION, self.follow),
        )

    def assess(self, recovery: Recovery) -> None:
        caches.assess(recovery, recovery.estate.cache(self.lost))

    def restore(self, recovery: Recovery) -> None:
        lost = recovery.estate.cache(self.lost)
        create(recovery, recovery.estate.cache(self.restored), last_snapshot(recovery, lost))

    def watch(self, recovery: Recovery) -> None:
        alarms.watch_cache(recovery, recovery.estate.cache(self.restored), self.lost)

    def repoint(self, recovery: Recovery) -> None:
        caches.repoint(recovery, recovery.estate.service(self.application), recovery.estate.cache(self.restored))

    def deploy(self, recovery: Recovery) -> None:
        switching.deploy(recovery, recovery.estate.service(self.application))

    def warm_up(self, recovery: Recovery) -> None:
        caches.warm_up(recovery, recovery.estate.service(self.application))

    def follow(self, recovery: Recovery) -> None:
        caches.follow_hit_rate(recovery, recovery.estate.cache(self.restored))


def snapshots(recovery: Recovery, lost: Cache) -> list[str]:
    """The usable snapshots of a group, oldest first: the API promises no order."""
    found = recovery.aws.elasticache(lost.region).describe_snapshots(ReplicationGroupId=lost.identifier)["Snapshots"]
    usable = [snapshot for snapshot in found if snapshot.get("SnapshotStatus") == "available"]
    return [snapshot["SnapshotName"] for snapshot in sorted(usable, key=_taken)]


def last_snapshot(recovery: Recovery, lost: Cache) -> str:
    """Raises ProcedureFailed when there is none that can be used."""
    if not (found := snapshots(recovery, lost)):
        raise ProcedureFailed(f"there is no usable snapshot of {lost.identifier}")
    return found[-1]


def create(recovery: Recovery, target: Cache, snapshot: str, **changes: object) -> None:
    """Make `target` of a snapshot, as the estate has it; returns when it is available."""
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
    caches.wait_available(recovery, target, recovery.patience(CREATE_CACHE))


def _taken(snapshot: SnapshotTypeDef) -> datetime:
    return min(node["SnapshotCreateTime"] for node in snapshot["NodeSnapshots"])
