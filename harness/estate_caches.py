"""The estate's caches: ElastiCache replication groups, alone or as members of a Global Datastore."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Annotated

from pydantic import Field

from harness.estate_parts import Name, Placed, Role


class Cache(Placed):
    """A replication group; with a `source` it is the secondary of that role's Global Datastore."""

    role: Role
    identifier: Annotated[str, Field(min_length=1, max_length=40, pattern=r"^[a-z](-?[a-z0-9])*$")]
    node_type: Name = "cache.r6g.large"
    engine_version: Name = "7.0"
    nodes: Annotated[int, Field(ge=1, le=6)] = 2
    """The primary and its replicas."""
    automatic_failover: bool = True
    parameter_group: Name = "default.redis7"
    subnet_group: Name = "default"
    security_group: Name
    snapshot_retention_days: Annotated[int, Field(ge=0, le=35)] = 0
    global_datastore: Name | None = None
    """The suffix of the Global Datastore's name, which ElastiCache puts a region's own five letters before."""
    source: Role | None = None


def cache_problems(caches: Sequence[Cache], security_groups: Collection[str]) -> Iterator[str]:
    """What is wrong between the caches and the rest."""
    by_role = {cache.role: cache for cache in caches}
    for cache in caches:
        if cache.security_group not in security_groups:
            yield f"{cache.identifier}: no security group {cache.security_group}"
        if cache.automatic_failover and cache.nodes < 2:
            yield f"{cache.identifier}: automatic failover needs two nodes"
        if cache.source is None:
            continue
        source = by_role.get(cache.source)
        if source is None or source.source is not None:
            yield f"{cache.identifier}: its source {cache.source} is no primary cache of the estate"
        elif source.region == cache.region or not cache.global_datastore:
            yield f"{cache.identifier}: a secondary is in another region and names the Global Datastore"
        elif source.global_datastore != cache.global_datastore or source.node_type != cache.node_type:
            yield f"{cache.identifier}: members of a Global Datastore name it alike and have the same node type"
