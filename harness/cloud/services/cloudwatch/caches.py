"""The metrics of AWS/ElastiCache, asked of each real node; hits and misses are of the period, as in CloudWatch."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from harness.cloud.services.cloudwatch.store import Sample, Series
from harness.cloud.services.elasticache.state import CacheGroup
from harness.machines.valkey import ValkeyServer
from harness.machines.valkey_session import ValkeySession

Measured = list[tuple[Series, Sample]]
Info = dict[str, str]

_COUNTED = {
    "CacheHits": "keyspace_hits",
    "CacheMisses": "keyspace_misses",
    "NewConnections": "total_connections_received",
}


class CacheSource:
    """The metrics of all replication groups there are; a node that does not answer gives none."""

    def __init__(self, groups: Iterable[CacheGroup]) -> None:
        self._groups = groups
        self._before: dict[str, int] = {}

    def measure(self) -> Measured:
        there = [group for group in self._groups if group.status != "creating"]
        return [sample for group in there for node in tuple(group.machine.nodes) for sample in self._of(group, node)]

    def _of(self, group: CacheGroup, node: ValkeyServer) -> Iterator[tuple[Series, Sample]]:
        answered = node.asked(_ask)
        if answered is None:
            return
        said, clients, keys = answered
        if said["role"] == "slave":
            yield _sample(group, node, "ReplicationLag", _lag(said), "Seconds")
            if group.machine.is_secondary() and node is group.machine.primary:
                yield _global_lag(group, said)
        yield _sample(group, node, "IsMaster", float(said["role"] == "master"), "Count")
        yield _sample(group, node, "CurrConnections", clients, "Count")
        yield _sample(group, node, "CurrItems", keys, "Count")
        yield _sample(group, node, "BytesUsedForCache", float(said["used_memory"]), "Bytes")
        counts = {name: self._new(node, name, int(said[field])) for name, field in _COUNTED.items()}
        for name, value in counts.items():
            yield _sample(group, node, name, value, "Count")
        if asked := counts["CacheHits"] + counts["CacheMisses"]:
            yield _sample(group, node, "CacheHitRate", 100 * counts["CacheHits"] / asked, "Percent")

    def _new(self, node: ValkeyServer, name: str, total: int) -> int:
        """What was counted since the last look; a node that started again counts from nothing."""
        key = f"{node.name} {name}"
        before, self._before[key] = self._before.get(key, 0), total
        return total - before if total >= before else total


def _global_lag(group: CacheGroup, said: Info) -> tuple[Series, Sample]:
    dimensions = frozenset({("GlobalReplicationGroupId", group.datastore.identifier if group.datastore else "")})
    series = Series(group.region, "AWS/ElastiCache", "GlobalDatastoreReplicationLag", dimensions)
    return series, Sample.of(_lag(said), "Seconds")


def _sample(group: CacheGroup, node: ValkeyServer, name: str, value: float, unit: str) -> tuple[Series, Sample]:
    dimensions = frozenset({("CacheClusterId", node.name), ("CacheNodeId", "0001")})
    return Series(group.region, "AWS/ElastiCache", name, dimensions), Sample.of(value, unit)


def _ask(session: ValkeySession) -> tuple[Info, int, int]:
    """What INFO says, the clients that are neither administrators nor replicas, and the keys."""
    said = session.info("everything")
    ours = str(session.call("CLIENT", "LIST", "TYPE", "normal")).splitlines()
    keys = session.call("DBSIZE")
    return said, sum(1 for line in ours if "user=default" in line), keys if isinstance(keys, int) else 0


def _lag(said: Info) -> float:
    """Seconds behind the source: nothing while the link is up, else the time since it went down."""
    if said.get("master_link_status") == "up":
        return 0.0
    return max(0.0, float(said.get("master_link_down_since_seconds", "0")))
