"""What a CreateReplicationGroup means: checked, and with AWS's defaults where it leaves something open."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from harness.cloud.service import AwsError, Call
from harness.cloud.services.ec2 import Ec2
from harness.cloud.services.elasticache import checks
from harness.cloud.services.elasticache.desk import Desk
from harness.cloud.services.elasticache.state import Datastore, Snapshot

_HANDLED = (
    "ReplicationGroupId", "ReplicationGroupDescription", "GlobalReplicationGroupId", "AutomaticFailoverEnabled",
    "MultiAZEnabled", "NumCacheClusters", "NumNodeGroups", "ReplicasPerNodeGroup", "CacheNodeType", "Engine",
    "EngineVersion", "CacheParameterGroupName", "CacheSubnetGroupName", "SecurityGroupIds", "Tags", "SnapshotName",
    "SnapshotRetentionLimit", "SnapshotWindow", "PreferredMaintenanceWindow", "AtRestEncryptionEnabled",
    "AutoMinorVersionUpgrade",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Creation:
    """A group that may be made."""

    params: dict[str, Any]
    """Complete: nothing is left open."""
    nodes: int
    snapshot: Snapshot | None
    datastore: Datastore | None


def read_creation(desk: Desk, call: Call) -> Creation:
    """Raises AwsError for what ElastiCache would refuse."""
    checks.check_handled("CreateReplicationGroup", call.params, _HANDLED)
    params = {**call.params, "ReplicationGroupId": call.params["ReplicationGroupId"].lower()}
    nodes = params.get("NumCacheClusters", params.get("ReplicasPerNodeGroup", 0) + 1)
    checks.check_new_name(desk.caches, call.region, params["ReplicationGroupId"])
    checks.check_nodes(nodes, params)
    checks.check_retention(params)
    snapshot, store = _snapshot(desk, call), _datastore(desk, call)
    settled = _defaults(desk, call, snapshot, store) | params
    if "CacheNodeType" not in settled:
        raise AwsError("InvalidParameterValue", "The parameter CacheNodeType must be provided.")
    checks.check_node_type(settled["CacheNodeType"])
    if settled["Engine"] not in ("redis", "valkey"):
        raise AwsError("InvalidParameterValue", f"Unrecognized engine name: {settled['Engine']}.")
    desk.catalogue.check(call.region, settled["CacheParameterGroupName"], settled["CacheSubnetGroupName"])
    desk.world.neighbour(Ec2).check_known(call.region, params.get("SecurityGroupIds", ()))
    return Creation(settled, nodes, snapshot, store)


def _defaults(desk: Desk, call: Call, snapshot: Snapshot | None, store: Datastore | None) -> dict[str, Any]:
    """A snapshot's or a datastore's settings, else those of a new group."""
    defaults: dict[str, Any] = {
        "Engine": "redis",
        "EngineVersion": "7.1",
        "CacheParameterGroupName": "default.redis7",
        "CacheSubnetGroupName": "default",
        "SecurityGroupIds": [desk.world.neighbour(Ec2).default_group(call.region)],
    }
    if snapshot:
        defaults |= {name: snapshot.shown[name] for name in ("CacheNodeType", "Engine", "EngineVersion")}
    if store:
        like = store.primary
        defaults |= {"CacheNodeType": like.node_type, "Engine": like.engine, "EngineVersion": like.engine_version}
    return defaults


def _snapshot(desk: Desk, call: Call) -> Snapshot | None:
    name = call.params.get("SnapshotName")
    if not name:
        return None
    snapshot = desk.caches.snapshot(call.region, name)
    checks.check_restorable(snapshot)
    return snapshot


def _datastore(desk: Desk, call: Call) -> Datastore | None:
    name = call.params.get("GlobalReplicationGroupId")
    if not name:
        return None
    store = desk.caches.datastore(name)
    if store.status not in ("available", "primary-only"):
        message = f"Global Replication Group {name} is not in available state: it is {store.status}."
        raise AwsError("InvalidGlobalReplicationGroupState", message)
    if call.region in {member.region for member in store.members}:
        message = f"Global Replication Group {name} already has a member in {call.region}."
        raise AwsError("InvalidParameterValue", message)
    return store
