"""Probes of a cache: which one the application uses, whether it takes writes, how it is made, when it was backed up."""

from __future__ import annotations

import http.client
from collections.abc import Iterator, Sequence
from dataclasses import fields
from datetime import datetime
from typing import TYPE_CHECKING

from harness.aws import Aws
from harness.dial import Directory, NameNotFound, resolve
from harness.estate import Estate
from harness.facts import CacheSeen, Probed, ServedBy, Stage
from harness.machines.valkey_session import ValkeyError, ValkeyLine
from harness.probes import alarms, application

if TYPE_CHECKING:
    from mypy_boto3_elasticache.type_defs import NodeGroupMemberTypeDef, ReplicationGroupTypeDef, SnapshotTypeDef

_ASKED = 4
"""How often the application is asked: each of its tasks answers for itself."""
_LOOKS = 5
_TIMEOUT = 1.0
_PROOF = "drill:proof"
TRAITS = tuple(one.name for one in fields(CacheSeen) if one.name not in {"stage", "identifier"})


def name_of(estate: Estate) -> str:
    """What the cache is called that the application uses, whichever it is."""
    return f"cache of {estate.zone.public_name}"


def host_in_use(directory: Directory, estate: Estate) -> str:
    """The host that the application says its cache has; empty when it does not say."""
    return next((str(said.get("host", "")) for said in _said(directory, estate, 1)), "")


def in_health(directory: Directory, estate: Estate, stage: Stage) -> Probed:
    """Whether every task says of its cache that it is well; one that was slow for a moment is asked again."""
    for _ in range(_LOOKS):
        said = list(_said(directory, estate, _ASKED))
        if ok := len(said) == _ASKED and all(one.get("status") == "ok" for one in said):
            break
    detail = ", ".join(sorted({f"{one.get('status')} at {one.get('host')}" for one in said}))
    return Probed(stage, f"{name_of(estate)} in /health", ok=ok, detail=detail or "it says nothing of a cache")


def takes_writes(directory: Directory, estate: Estate, stage: Stage) -> Probed:
    """Whether a client can write and read again at the endpoint that the application uses."""
    host, what = host_in_use(directory, estate), f"write into the {name_of(estate)}"
    try:
        address = resolve(directory, host).addresses[0]
        with ValkeyLine.to(address, directory.port(6379), timeout=_TIMEOUT) as line:
            found = line.pipeline([("SET", _PROOF, stage, "EX", 60), ("GET", _PROOF)])[1]
    except (NameNotFound, OSError, ValkeyError) as error:
        return Probed(stage, what, ok=False, detail=f"{host}: {error}")
    return Probed(stage, what, ok=found == stage, detail=host)


def serving(directory: Directory, aws: Aws, estate: Estate, stage: Stage) -> ServedBy:
    """Which replication group the application uses, told by its endpoint, and whether that takes writes."""
    asked, host = name_of(estate), host_in_use(directory, estate)
    writable = takes_writes(directory, estate, stage).ok
    for region, group in _groups(aws, estate):
        if host and host == primary_host(group):
            identifier = group["ReplicationGroupId"]
            known = (c.role for c in estate.caches if (c.region, c.identifier) == (region, identifier))
            return ServedBy(asked, identifier, next(known, ""), writable, region)
    return ServedBy(asked, host, "", writable)


def seen(aws: Aws, region: str, identifier: str, stage: Stage) -> CacheSeen:
    """A group with all that makes it strong. Raises ClientError when there is none of that name."""
    elasticache = aws.elasticache(region)
    [group] = elasticache.describe_replication_groups(ReplicationGroupId=identifier)["ReplicationGroups"]
    node = elasticache.describe_cache_clusters(CacheClusterId=group["MemberClusters"][0])["CacheClusters"][0]
    return CacheSeen(
        stage=stage,
        identifier=identifier,
        nodes=len(group["MemberClusters"]),
        node_type=group.get("CacheNodeType", ""),
        engine_version=node.get("EngineVersion", ""),
        parameter_group=node.get("CacheParameterGroup", {}).get("CacheParameterGroupName", ""),
        subnet_group=node.get("CacheSubnetGroupName", ""),
        security_groups=tuple(sorted(one.get("SecurityGroupId", "") for one in node.get("SecurityGroups", ()))),
        encrypted=group.get("AtRestEncryptionEnabled", False),
        automatic_failover=group.get("AutomaticFailover") == "enabled",
        multi_az=group.get("MultiAZ") == "enabled",
        snapshot_retention_days=group.get("SnapshotRetentionLimit", 0),
        alarms=alarms.alarmed_of_cache(aws, region, group["MemberClusters"]),
        engine=node.get("Engine", ""),
        snapshot_window=group.get("SnapshotWindow", ""),
    )


def traits(group: CacheSeen) -> dict[str, str]:
    """Each trait of a group in words: what somebody decided for it."""
    found = {trait: getattr(group, trait) for trait in TRAITS}
    return {trait: ", ".join(value) if isinstance(value, tuple) else str(value) for trait, value in found.items()}


def members(group: ReplicationGroupTypeDef) -> Sequence[NodeGroupMemberTypeDef]:
    """The nodes of a group of one shard."""
    shards = group.get("NodeGroups", [])
    return shards[0].get("NodeGroupMembers", []) if shards else []


def places(group: ReplicationGroupTypeDef) -> tuple[str, ...]:
    """Of which Global Datastore a group is what, and which of its nodes is the primary."""
    store = group.get("GlobalReplicationGroupInfo", {})
    primaries = [one.get("CacheClusterId", "") for one in members(group) if one.get("CurrentRole") == "primary"]
    said = (store.get("GlobalReplicationGroupId"), store.get("GlobalReplicationGroupMemberRole"), *primaries)
    return tuple(str(one) for one in said)


def primary_host(group: ReplicationGroupTypeDef) -> str:
    """The host at which a group takes writes; empty while it has none."""
    shards = group.get("NodeGroups", [])
    return shards[0].get("PrimaryEndpoint", {}).get("Address", "") if shards else ""


def usable_snapshots(aws: Aws, region: str, identifier: str) -> list[SnapshotTypeDef]:
    """A group's available snapshots, oldest first. A procedure finds its own: the two must not err together."""
    found = aws.elasticache(region).describe_snapshots(ReplicationGroupId=identifier)["Snapshots"]
    return sorted((one for one in found if one.get("SnapshotStatus") == "available"), key=taken)


def taken(snapshot: SnapshotTypeDef) -> datetime:
    """When a snapshot was taken: of its nodes, the first."""
    return min(node["SnapshotCreateTime"] for node in snapshot["NodeSnapshots"])


def _said(directory: Directory, estate: Estate, times: int) -> Iterator[dict[str, object]]:
    for _ in range(times):
        try:
            said = application.get(directory, estate.zone.public_name, "/health").body.get("cache")
        except (OSError, http.client.HTTPException, NameNotFound):
            continue
        if isinstance(said, dict):
            yield said


def _groups(aws: Aws, estate: Estate) -> Iterator[tuple[str, ReplicationGroupTypeDef]]:
    for region in (estate.regions.primary, estate.regions.dr):
        groups: Sequence[ReplicationGroupTypeDef] = aws.elasticache(region).describe_replication_groups()[
            "ReplicationGroups"
        ]
        yield from ((region, group) for group in groups)
