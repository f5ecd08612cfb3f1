"""Makes replication groups: nodes with addresses of their own, from the estate or as a call asks for."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from harness.aws_rules.durations import CACHE_ENDPOINT_TTL
from harness.aws_rules.tags import drill_target
from harness.cloud.service import World
from harness.cloud.services.elasticache.machine import CacheMachine
from harness.cloud.services.elasticache.names import REDIS, datastore_id, names_of
from harness.cloud.services.elasticache.state import CacheGroup, Caches, Datastore
from harness.estate import Cache, Role
from harness.machines.valkey import ValkeyServer
from harness.machines.valkey_files import Passwords
from harness.machines.valkey_program import valkey_program

_WINDOW = "04:00-05:00"


class Foundry:
    """Makes nodes for one cloud, all with the same passwords."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.passwords = Passwords(secrets.token_urlsafe(18), secrets.token_urlsafe(18))
        self._made = 0

    def node(self, name: str, region: str) -> ValkeyServer:
        """A node on an address of its own, not started."""
        self._made += 1
        return ValkeyServer(
            name,
            address=self._world.addresses.next(self._world.zone_of(region)),
            port=self._world.addresses.ports[REDIS],
            program=valkey_program(self._world.config.cache_dir),
            workspace=self._world.workspace,
            spawner=self._world.spawner,
            passwords=self.passwords,
            folder=f"{name}-{self._made}",
        )

    def machine(self, identifier: str, region: str, nodes: int) -> CacheMachine:
        """The nodes of a group, not started."""
        return CacheMachine(
            identifier, [self.node(f"{identifier}-{number:03}", region) for number in range(1, nodes + 1)]
        )

    def group(self, region: str, params: Mapping[str, Any], nodes: int) -> CacheGroup:
        """A group as CreateReplicationGroup asks for it; what it leaves open has been settled by the caller."""
        identifier = params["ReplicationGroupId"]
        version = params["EngineVersion"]
        return CacheGroup(
            identifier=identifier,
            region=region,
            arn=self.arn(region, "replicationgroup", identifier),
            description=params["ReplicationGroupDescription"],
            names=names_of(self._world, region, identifier),
            port=self._world.addresses.ports[REDIS],
            machine=self.machine(identifier, region, nodes),
            created=datetime.now(UTC),
            node_type=params["CacheNodeType"],
            engine=params["Engine"],
            engine_version=f"{version}.7" if version == "7.0" else version,
            parameter_group=params["CacheParameterGroupName"],
            subnet_group=params["CacheSubnetGroupName"],
            groups=list(params["SecurityGroupIds"]),
            automatic_failover=params.get("AutomaticFailoverEnabled", False),
            multi_az=params.get("MultiAZEnabled", False),
            retention=params.get("SnapshotRetentionLimit", 0),
            window=params.get("SnapshotWindow", _WINDOW),
            at_rest_encryption=params.get("AtRestEncryptionEnabled", False),
            role=self._place(region, identifier),
            tags={tag["Key"]: tag.get("Value", "") for tag in params.get("Tags", ())},
        )

    def _place(self, region: str, identifier: str) -> Role | None:
        """The place that the estate keeps for a group of that name."""
        named = [cache for cache in self._world.estate.caches if cache.identifier == identifier]
        return next((cache.role for cache in named if cache.region == region), None)

    def arn(self, region: str, kind: str, name: str) -> str:
        return f"arn:aws:elasticache:{region}:{self._world.estate.account_id}:{kind}:{name}"

    def found(self, caches: Caches) -> None:
        """Make every cache of the estate and its datastores; nothing is started."""
        by_role = {}
        raised = [cache for cache in self._world.estate.caches if cache.raised]
        for cache in raised:
            group = self.group(cache.region, _params(cache), cache.nodes)
            group.tags = drill_target()
            caches.groups[group.region, group.identifier] = by_role[cache.role] = group
        for cache in raised:
            if cache.global_datastore and cache.source is None:
                members = [by_role[cache.role]]
                members += [by_role[other.role] for other in raised if other.source is cache.role]
                self._join(caches, cache.global_datastore, members)

    def _join(self, caches: Caches, suffix: str, members: list[CacheGroup]) -> None:
        primary = members[0]
        name = datastore_id(primary.region, suffix)
        arn = f"arn:aws:elasticache::{self._world.estate.account_id}:globalreplicationgroup:{name}"
        store = Datastore(name, arn, suffix, members, status="available" if members[1:] else "primary-only")
        caches.datastores[name] = store
        for group in members:
            group.datastore = store
            if group is not primary:
                group.machine.follow(primary.machine)


def publish(world: World, group: CacheGroup) -> None:
    """Let the group's names lead to its nodes as they are now; the reader's to the primary when it is alone."""
    machine, names = group.machine, group.names
    world.names.put(names.primary, machine.primary.address, ttl=CACHE_ENDPOINT_TTL)
    readers = [node.address for node in machine.replicas if node.is_running()] or [machine.primary.address]
    world.names.put(names.reader, *readers, ttl=CACHE_ENDPOINT_TTL)
    for node in machine.nodes:
        world.names.put(names.node(node.name), node.address, ttl=CACHE_ENDPOINT_TTL)


def withdraw(world: World, group: CacheGroup) -> None:
    """Let the group's names lead nowhere."""
    nodes = [group.names.node(node.name) for node in group.machine.nodes]
    for name in (group.names.primary, group.names.reader, *nodes):
        world.names.drop(name)


def _params(cache: Cache) -> dict[str, Any]:
    return {
        "ReplicationGroupId": cache.identifier,
        "ReplicationGroupDescription": str(cache.role),
        "CacheNodeType": cache.node_type,
        "Engine": "redis",
        "EngineVersion": cache.engine_version,
        "CacheParameterGroupName": cache.parameter_group,
        "CacheSubnetGroupName": cache.subnet_group,
        "SecurityGroupIds": [cache.security_group],
        "AutomaticFailoverEnabled": cache.automatic_failover,
        "MultiAZEnabled": cache.automatic_failover,
        "SnapshotRetentionLimit": cache.snapshot_retention_days,
    }
