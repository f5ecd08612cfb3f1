"""Groups, nodes, snapshots and datastores in the shape of ElastiCache's API."""

from __future__ import annotations

from harness.cloud.service import Answer
from harness.cloud.services.elasticache.state import CacheGroup, Datastore, Snapshot
from harness.machines.valkey import ValkeyServer

NODE_GROUP = "0001"
_NODE = "0001"
_MAINTENANCE = "sun:05:00-sun:06:00"


def shown_group(group: CacheGroup) -> Answer:
    """What describe and every mutation answer."""
    shown: Answer = {
        "ReplicationGroupId": group.identifier,
        "ARN": group.arn,
        "Description": group.description,
        "Status": group.status,
        "PendingModifiedValues": {},
        "MemberClusters": group.clusters(),
        "NodeGroups": [_node_group(group)],
        "AutomaticFailover": "enabled" if group.automatic_failover else "disabled",
        "MultiAZ": "enabled" if group.multi_az else "disabled",
        "SnapshotRetentionLimit": group.retention,
        "SnapshotWindow": group.window,
        "ClusterEnabled": False,
        "ClusterMode": "disabled",
        "CacheNodeType": group.node_type,
        "Engine": group.engine,
        "AuthTokenEnabled": False,
        "TransitEncryptionEnabled": False,
        "AtRestEncryptionEnabled": group.at_rest_encryption,
        "ReplicationGroupCreateTime": group.created,
        "GlobalReplicationGroupInfo": {},
    }
    if store := group.datastore:
        role = "PRIMARY" if store.primary is group else "SECONDARY"
        shown["GlobalReplicationGroupInfo"] = {
            "GlobalReplicationGroupId": store.identifier,
            "GlobalReplicationGroupMemberRole": role,
        }
    return shown


def shown_cluster(group: CacheGroup, node: ValkeyServer, *, with_nodes: bool) -> Answer:
    """One node as DescribeCacheClusters has it."""
    shown: Answer = {
        "CacheClusterId": node.name,
        "ARN": group.arn.replace(f"replicationgroup:{group.identifier}", f"cluster:{node.name}"),
        "CacheNodeType": group.node_type,
        "Engine": group.engine,
        "EngineVersion": group.engine_version,
        "CacheClusterStatus": group.status,
        "NumCacheNodes": 1,
        "PreferredAvailabilityZone": _zone(group, node),
        "CacheClusterCreateTime": group.created,
        "PreferredMaintenanceWindow": _MAINTENANCE,
        "PendingModifiedValues": {},
        "CacheParameterGroup": {
            "CacheParameterGroupName": group.parameter_group,
            "ParameterApplyStatus": "in-sync",
            "CacheNodeIdsToReboot": [],
        },
        "CacheSubnetGroupName": group.subnet_group,
        "SecurityGroups": [{"SecurityGroupId": name, "Status": "active"} for name in group.groups],
        "ReplicationGroupId": group.identifier,
        "SnapshotRetentionLimit": group.retention,
        "SnapshotWindow": group.window,
    }
    if with_nodes:
        member = {
            "CacheNodeId": _NODE,
            "CacheNodeStatus": group.status,
            "CacheNodeCreateTime": group.created,
            "Endpoint": _endpoint(group, group.names.node(node.name)),
            "ParameterGroupStatus": "in-sync",
            "CustomerAvailabilityZone": _zone(group, node),
        }
        shown["CacheNodes"] = [member]
    return shown


def snapshot_settings(group: CacheGroup, cluster: str) -> dict[str, object]:
    """What a snapshot keeps of the group it is of."""
    return {
        "ReplicationGroupId": group.identifier,
        "ReplicationGroupDescription": group.description,
        "CacheClusterId": cluster,
        "CacheNodeType": group.node_type,
        "Engine": group.engine,
        "EngineVersion": group.engine_version,
        "NumNodeGroups": 1,
        "CacheClusterCreateTime": group.created,
        "PreferredMaintenanceWindow": _MAINTENANCE,
        "Port": group.port,
        "CacheParameterGroupName": group.parameter_group,
        "CacheSubnetGroupName": group.subnet_group,
        "SnapshotRetentionLimit": group.retention,
        "SnapshotWindow": group.window,
        "AutomaticFailover": "enabled" if group.automatic_failover else "disabled",
    }


def shown_snapshot(snapshot: Snapshot) -> Answer:
    """A snapshot with its one node's part, which has a size once it is there."""
    size = snapshot.file.stat().st_size if snapshot.status == "available" and snapshot.file.exists() else 0
    node = {
        "CacheClusterId": snapshot.cluster,
        "NodeGroupId": NODE_GROUP,
        "CacheNodeId": _NODE,
        "CacheSize": f"{-(-size // 2**20)} MB" if size else "",
        "CacheNodeCreateTime": snapshot.shown["CacheClusterCreateTime"],
        "SnapshotCreateTime": snapshot.taken,
    }
    return {
        **snapshot.shown,
        "SnapshotName": snapshot.name,
        "ARN": snapshot.arn,
        "SnapshotStatus": snapshot.status,
        "SnapshotSource": snapshot.source,
        "NodeSnapshots": [node],
    }


def shown_datastore(store: Datastore, *, with_members: bool = True) -> Answer:
    """A Global Datastore; `Members` only when they are asked for."""
    primary = store.primary
    shown: Answer = {
        "GlobalReplicationGroupId": store.identifier,
        "GlobalReplicationGroupDescription": store.description,
        "Status": store.status,
        "CacheNodeType": primary.node_type,
        "Engine": primary.engine,
        "EngineVersion": primary.engine_version,
        "ClusterEnabled": False,
        "AuthTokenEnabled": False,
        "TransitEncryptionEnabled": False,
        "AtRestEncryptionEnabled": primary.at_rest_encryption,
        "ARN": store.arn,
    }
    if with_members:
        shown["Members"] = [
            {
                "ReplicationGroupId": group.identifier,
                "ReplicationGroupRegion": group.region,
                "Role": "PRIMARY" if group is primary else "SECONDARY",
                "AutomaticFailover": "enabled" if group.automatic_failover else "disabled",
                "Status": _membership(store, group),
            }
            for group in store.members
        ]
    return shown


def _membership(store: Datastore, group: CacheGroup) -> str:
    if group.arn in store.leaving:
        return "disassociating"
    return "associating" if group.arn in store.joining else "associated"


def _node_group(group: CacheGroup) -> Answer:
    shown: Answer = {"NodeGroupId": NODE_GROUP, "Status": group.status, "NodeGroupMembers": []}
    if group.status == "creating":
        return shown
    shown["PrimaryEndpoint"] = _endpoint(group, group.names.primary)
    shown["ReaderEndpoint"] = _endpoint(group, group.names.reader)
    shown["NodeGroupMembers"] = [
        {
            "CacheClusterId": node.name,
            "CacheNodeId": _NODE,
            "ReadEndpoint": _endpoint(group, group.names.node(node.name)),
            "PreferredAvailabilityZone": _zone(group, node),
            "CurrentRole": "primary" if node is group.machine.primary else "replica",
        }
        for node in group.machine.nodes
    ]
    return shown


def _endpoint(group: CacheGroup, host: str) -> Answer:
    return {"Address": host, "Port": group.port}


def _zone(group: CacheGroup, node: ValkeyServer) -> str:
    return group.region + "abc"[group.machine.nodes.index(node) % 3]
