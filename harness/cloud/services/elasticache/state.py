"""What ElastiCache knows of its groups, snapshots and datastores, and where it is kept."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from harness.cloud.service import AwsError
from harness.cloud.services.elasticache.machine import CacheMachine
from harness.cloud.services.elasticache.names import GroupNames
from harness.estate import Role


@dataclass(slots=True)
class CacheGroup:
    """One replication group; its fields change only while the lock of its Caches is held."""

    identifier: str
    region: str
    arn: str
    description: str
    names: GroupNames
    port: int
    machine: CacheMachine
    created: datetime
    node_type: str
    engine: str
    engine_version: str
    parameter_group: str
    subnet_group: str
    groups: list[str]
    automatic_failover: bool
    multi_az: bool
    retention: int
    window: str
    at_rest_encryption: bool = False
    role: Role | None = None
    status: str = "creating"
    failing_over: bool = False
    failed: bool = False
    """The primary is dead and nobody can take its place."""
    datastore: Datastore | None = None
    tags: dict[str, str] = field(default_factory=dict)

    def clusters(self) -> list[str]:
        """The names of its nodes, as AWS gives them: the group's and a number."""
        return [node.name for node in self.machine.nodes]


@dataclass(slots=True)
class Snapshot:
    """A file of ours with what a group held, and what the group was like."""

    name: str
    region: str
    arn: str
    file: Path
    source: str
    """"manual" or "automated"."""
    taken: datetime
    group: CacheGroup
    shown: dict[str, object]
    """The group's settings at that time, in the shape of the API."""
    cluster: str
    status: str = "creating"


@dataclass(slots=True)
class Datastore:
    """A Global Datastore: the first member takes writes, the others follow it."""

    identifier: str
    arn: str
    description: str
    members: list[CacheGroup]
    status: str = "creating"
    joining: set[str] = field(default_factory=set)
    leaving: set[str] = field(default_factory=set)
    """Groups on their way in and out, by ARN."""

    @property
    def primary(self) -> CacheGroup:
        return self.members[0]


class Caches:
    """All of an account's. Hold `lock` to change one."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.groups: dict[tuple[str, str], CacheGroup] = {}
        self.snapshots: dict[tuple[str, str], Snapshot] = {}
        self.datastores: dict[str, Datastore] = {}

    def __iter__(self) -> Iterator[CacheGroup]:
        return iter(tuple(self.groups.values()))

    def in_region(self, region: str) -> list[CacheGroup]:
        return [group for group in self if group.region == region]

    def group(self, region: str, name: str) -> CacheGroup:
        """Raises ReplicationGroupNotFoundFault."""
        found = self.groups.get((region, name.lower()))
        if found is None:
            raise AwsError("ReplicationGroupNotFoundFault", f"ReplicationGroup {name} not found.", 404)
        return found

    def group_of_cluster(self, region: str, cluster: str) -> CacheGroup:
        """Raises CacheClusterNotFound."""
        for group in self.in_region(region):
            if cluster in group.clusters():
                return group
        raise AwsError("CacheClusterNotFound", f"CacheCluster {cluster} not found.", 404)

    def snapshot(self, region: str, name: str) -> Snapshot:
        """Raises SnapshotNotFoundFault."""
        found = self.snapshots.get((region, name))
        if found is None:
            raise AwsError("SnapshotNotFoundFault", f"Snapshot {name} not found.", 404)
        return found

    def datastore(self, name: str) -> Datastore:
        """Raises GlobalReplicationGroupNotFoundFault."""
        found = self.datastores.get(name)
        if found is None:
            message = f"Global Replication Group {name} not found."
            raise AwsError("GlobalReplicationGroupNotFoundFault", message, 404)
        return found

    def tagged(self, arn: str) -> CacheGroup:
        """By ARN, as tags are. Raises ReplicationGroupNotFoundFault."""
        for group in self:
            if group.arn == arn:
                return group
        raise AwsError("ReplicationGroupNotFoundFault", f"{arn} is either not present or not available.", 404)
