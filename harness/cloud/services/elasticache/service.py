"""Amazon ElastiCache: replication groups of real Valkey nodes, their snapshots and Global Datastores.

It owns all of them. What it does not do (cluster mode, encryption in transit, users) is a clean 501.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from harness.cloud.hosts import KeepsData
from harness.cloud.service import Answer, AwsError, Call, Host, Service, World, operation
from harness.cloud.services.ec2 import Ec2
from harness.cloud.services.elasticache import checks
from harness.cloud.services.elasticache.desk import Desk
from harness.cloud.services.elasticache.foundry import publish
from harness.cloud.services.elasticache.global_groups import GlobalCalls
from harness.cloud.services.elasticache.machine import CacheMachine
from harness.cloud.services.elasticache.requests import read_creation
from harness.cloud.services.elasticache.shapes import NODE_GROUP, shown_cluster, shown_group
from harness.cloud.services.elasticache.snapshots import SnapshotCalls
from harness.cloud.services.elasticache.state import CacheGroup, Caches
from harness.cloud.services.elasticache.watch import Watch
from harness.cloud.services.elasticache.workflows import Workflows
from harness.errors import DrillError
from harness.estate import Role

_MODIFIES = (
    "ReplicationGroupId", "ReplicationGroupDescription", "PrimaryClusterId", "AutomaticFailoverEnabled",
    "MultiAZEnabled", "SecurityGroupIds", "CacheParameterGroupName", "ApplyImmediately", "SnapshotRetentionLimit",
    "SnapshotWindow",
)  # fmt: skip


class ElastiCache(Service):
    """Replication groups of both regions."""

    name = "elasticache"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._desk = Desk(world)
        self._workflows = Workflows(self._desk)
        self.snapshots = SnapshotCalls(self._desk)
        self.parts = (self.snapshots, GlobalCalls(self._desk))
        self._watch = Watch(self._desk)

    @property
    def caches(self) -> Caches:
        return self._desk.caches

    def raise_estate(self) -> None:
        """Start all nodes at once; replicas get in touch behind, and a group is available when they have."""
        if not self.world.estate.caches:
            return
        self._desk.foundry.found(self.caches)
        _at_once([group.machine.start for group in self.caches])
        for group in self.caches:
            self.snapshots.provide(group)
            self._desk.admit(group)
            publish(self.world, group)
            self.world.pace.behind(f"replicas of {group.identifier}", lambda group=group: self._complete(group))  # type: ignore[misc]
        self.world.neighbour(Ec2).on_change(self._admit_all)
        self._watch.rounds.start()

    def close(self) -> None:
        self._watch.rounds.close()

    def target(self, role: Role) -> object | None:
        return next((group.machine for group in self.caches if group.role is role), None)

    def hosts(self, region: str) -> tuple[Host, ...]:
        return tuple(KeepsData(group.machine) for group in self.caches if group.region == region)

    def machine(self, which: Role | str) -> CacheMachine:
        """The machine behind a role or identifier. Raises DrillError when there is none."""
        return self.group(which).machine

    def group(self, which: Role | str) -> CacheGroup:
        for group in self.caches:
            if which in (group.role, group.identifier):
                return group
        raise DrillError(f"no cache {which} is up")

    def secrets(self) -> tuple[str, ...]:
        return (self._desk.foundry.passwords.admin, self._desk.foundry.passwords.replica)

    @operation("DescribeReplicationGroups")
    def describe_groups(self, call: Call) -> Answer:
        name = call.params.get("ReplicationGroupId")
        with self.caches.lock:
            asked = [self.caches.group(call.region, name)] if name else self.caches.in_region(call.region)
            return {"ReplicationGroups": [shown_group(group) for group in asked]}

    @operation("DescribeCacheClusters")
    def describe_clusters(self, call: Call) -> Answer:
        name, with_nodes = call.params.get("CacheClusterId"), call.params.get("ShowCacheNodeInfo", False)
        if call.params.get("ShowCacheClustersNotInReplicationGroups"):
            return {"CacheClusters": []}
        with self.caches.lock:
            groups = [self.caches.group_of_cluster(call.region, name)] if name else self.caches.in_region(call.region)
            return {
                "CacheClusters": [
                    shown_cluster(group, node, with_nodes=with_nodes)
                    for group in groups
                    for node in group.machine.nodes
                    if name in (None, node.name)
                ]
            }

    @operation("DescribeCacheParameterGroups")
    def describe_parameter_groups(self, call: Call) -> Answer:
        name = call.params.get("CacheParameterGroupName")
        return {"CacheParameterGroups": self._desk.catalogue.parameter_groups(call.region, name)}

    @operation("DescribeCacheSubnetGroups")
    def describe_subnet_groups(self, call: Call) -> Answer:
        name = call.params.get("CacheSubnetGroupName")
        return {"CacheSubnetGroups": self._desk.catalogue.subnet_groups(call.region, name)}

    @operation("DescribeEvents")
    def describe_events(self, call: Call) -> Answer:
        return self._desk.events.described(call)

    @operation("CreateReplicationGroup")
    def create(self, call: Call) -> Answer:
        with self.caches.lock:
            asked = read_creation(self._desk, call)
            group = self._desk.foundry.group(call.region, asked.params, asked.nodes)
            self.snapshots.provide(group)
            self._workflows.create(group, asked.snapshot, asked.datastore)
            self.snapshots.schedule(group)
            return {"ReplicationGroup": shown_group(group)}

    @operation("ModifyReplicationGroup")
    def modify(self, call: Call) -> Answer:
        params = call.params
        checks.check_handled("ModifyReplicationGroup", params, _MODIFIES)
        with self.caches.lock:
            group = self.caches.group(call.region, params["ReplicationGroupId"])
            checks.check_available(group)
            checks.check_retention(params)
            if name := params.get("CacheParameterGroupName"):
                self._desk.catalogue.parameter_groups(call.region, name)
            if names := params.get("SecurityGroupIds"):
                self.world.neighbour(Ec2).check_known(call.region, names)
            checks.check_nodes(
                len(group.machine.nodes),
                {
                    "AutomaticFailoverEnabled": params.get("AutomaticFailoverEnabled", group.automatic_failover),
                    "MultiAZEnabled": params.get("MultiAZEnabled", group.multi_az),
                },
            )
            self._workflows.modify(group, "modification", self._modification(group, params))
            return {"ReplicationGroup": shown_group(group)}

    @operation("DeleteReplicationGroup")
    def delete(self, call: Call) -> Answer:
        checks.check_handled("DeleteReplicationGroup", call.params, ("ReplicationGroupId", "RetainPrimaryCluster"))
        if call.params.get("RetainPrimaryCluster"):
            what = "elasticache DeleteReplicationGroup that retains the primary"
            raise AwsError("NotImplemented", f"the embedded cloud does not implement {what}", 501)
        with self.caches.lock:
            group = self.caches.group(call.region, call.params["ReplicationGroupId"])
            if group.status not in ("available", "create-failed"):
                checks.check_available(group)
            if group.datastore is not None:
                message = f"Replication group {group.identifier} is a member of a global datastore."
                raise AwsError("InvalidReplicationGroupState", message)
            self._workflows.delete(group)
            return {"ReplicationGroup": shown_group(group)}

    @operation("TestFailover")
    def test_failover(self, call: Call) -> Answer:
        with self.caches.lock:
            group = self.caches.group(call.region, call.params["ReplicationGroupId"])
            if call.params["NodeGroupId"] != NODE_GROUP:
                raise AwsError("NodeGroupNotFoundFault", f"Node group {call.params['NodeGroupId']} not found.", 404)
            checks.check_available(group)
            if not group.automatic_failover:
                message = f"Automatic failover is not enabled for replication group {group.identifier}."
                raise AwsError("InvalidReplicationGroupState", message)
            self._desk.enter(group, "modifying")
            self.world.pace.behind(f"test of {group.identifier}'s failover", group.machine.kill)
            return {"ReplicationGroup": shown_group(group)}

    @operation("ListTagsForResource")
    def list_tags(self, call: Call) -> Answer:
        return _shown_tags(self.caches.tagged(call.params["ResourceName"]))

    @operation("AddTagsToResource")
    def add_tags(self, call: Call) -> Answer:
        with self.caches.lock:
            group = self.caches.tagged(call.params["ResourceName"])
            group.tags |= {tag["Key"]: tag.get("Value", "") for tag in call.params["Tags"]}
            return _shown_tags(group)

    @operation("RemoveTagsFromResource")
    def remove_tags(self, call: Call) -> Answer:
        with self.caches.lock:
            group = self.caches.tagged(call.params["ResourceName"])
            group.tags = {key: value for key, value in group.tags.items() if key not in call.params["TagKeys"]}
            return _shown_tags(group)

    def _complete(self, group: CacheGroup) -> None:
        group.machine.wait_following()
        self._desk.enter(group, "available")
        self._desk.events.note(group, "creation", f"Replication group {group.identifier} created")
        self.snapshots.schedule(group)

    def _modification(self, group: CacheGroup, params: Mapping[str, Any]) -> Callable[[], None]:
        node = next((one for one in group.machine.nodes if one.name == params.get("PrimaryClusterId")), None)
        if "PrimaryClusterId" in params and node is None:
            raise AwsError("CacheClusterNotFound", f"CacheCluster {params['PrimaryClusterId']} not found.", 404)
        if node is not None and params.get("AutomaticFailoverEnabled", group.automatic_failover):
            message = "Manual promotion of a replica requires automatic failover to be disabled."
            raise AwsError("InvalidReplicationGroupState", message)

        def act() -> None:
            with self.caches.lock:
                group.description = params.get("ReplicationGroupDescription", group.description)
                group.automatic_failover = params.get("AutomaticFailoverEnabled", group.automatic_failover)
                group.multi_az = params.get("MultiAZEnabled", group.multi_az)
                group.retention = params.get("SnapshotRetentionLimit", group.retention)
                group.window = params.get("SnapshotWindow", group.window)
                group.parameter_group = params.get("CacheParameterGroupName", group.parameter_group)
                group.groups = list(params.get("SecurityGroupIds", group.groups))
            self._desk.admit(group)
            if node is not None:
                group.machine.hand_over(node)

        return act

    def _admit_all(self) -> None:
        for group in self.caches:
            self._desk.admit(group)


def _shown_tags(group: CacheGroup) -> Answer:
    return {"TagList": [{"Key": key, "Value": value} for key, value in sorted(group.tags.items())]}


def _at_once(acts: list[Callable[[], None]]) -> None:
    with ThreadPoolExecutor(max(1, len(acts)), "caches") as pool:
        for done in [pool.submit(act) for act in acts]:
            done.result()
