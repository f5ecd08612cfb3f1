"""What the tests of caches ask: a client by the estate's own names, and states of groups and snapshots."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import valkey

from harness import dial
from harness.cloud.services.ec2 import Ec2
from harness.cloud.services.elasticache import ElastiCache
from harness.estate import load_estate
from harness.wait import until
from tests.contract.cloud.raising import EAST, ESTATE, WEST, Raised, raised

GROUP, DR_GROUP = "labelmintit-production-redis-enhanced", "labelmintit-production-redis-dr-replica"
DATASTORE = "ldgnf-labelmintit-production"
RESTORED = "labelmintit-production-redis-restored"
SECURITY_GROUP, DR_SECURITY_GROUP = "sg-0a1b2c3d4e5f60004", "sg-0a1b2c3d4e5f60005"
SOON = timedelta(seconds=20)


def described(estate: Raised, name: str = GROUP, region: str = EAST) -> dict[str, Any]:
    """A replication group as ElastiCache describes it now."""
    answer = estate.aws.elasticache(region).describe_replication_groups(ReplicationGroupId=name)
    return dict(answer["ReplicationGroups"][0])


def wait_status(estate: Raised, status: str, name: str = GROUP, region: str = EAST) -> None:
    what = f"{name} is {status}"
    until(what, lambda: described(estate, name, region)["Status"] == status, within=SOON)


@contextmanager
def caches(pace: float = 0.002) -> Iterator[Raised]:
    """The estate's caches and nothing else, all available."""
    with raised(ElastiCache, Ec2, pace=pace, estate=load_estate(ESTATE).model_copy(update={"services": ()})) as made:
        wait_available(made)
        yield made


def wait_available(estate: Raised) -> None:
    """Both of the estate's groups have their replicas."""
    wait_status(estate, "available")
    wait_status(estate, "available", DR_GROUP, WEST)


def client(estate: Raised, name: str = GROUP, region: str = EAST, *, reader: bool = False) -> valkey.Valkey:
    """As the application connects: through the endpoint's name. Raises dial.NameNotFound."""
    [shard] = described(estate, name, region)["NodeGroups"]
    endpoint = shard["ReaderEndpoint" if reader else "PrimaryEndpoint"]
    address = dial.resolve(estate.cloud.directory, endpoint["Address"]).addresses[0]
    return valkey.Valkey(host=address, port=endpoint["Port"], socket_timeout=2)


def takes_writes(estate: Raised, name: str = GROUP, region: str = EAST) -> bool:
    try:
        return bool(client(estate, name, region).set("probe", 1))
    except (valkey.exceptions.ValkeyError, dial.NameNotFound):
        return False


def holds(estate: Raised, key: str, name: str = GROUP, region: str = EAST) -> bytes | None:
    return client(estate, name, region).get(key)  # type: ignore[return-value]


def snapshot(estate: Raised, name: str, region: str = EAST) -> dict[str, Any]:
    return dict(estate.aws.elasticache(region).describe_snapshots(SnapshotName=name)["Snapshots"][0])


def take_snapshot(estate: Raised, name: str, group: str = GROUP) -> None:
    """A snapshot that is available."""
    estate.aws.elasticache().create_snapshot(SnapshotName=name, ReplicationGroupId=group)
    until(f"{name} is available", lambda: snapshot(estate, name)["SnapshotStatus"] == "available", within=SOON)


def restore(estate: Raised, **changes: Any) -> dict[str, Any]:
    """CreateReplicationGroup as the runbook has it."""
    asked: dict[str, Any] = {
        "ReplicationGroupId": RESTORED,
        "ReplicationGroupDescription": "a restored cache",
        "Engine": "redis",
        "EngineVersion": "7.0",
        "CacheNodeType": "cache.r6g.large",
        "CacheParameterGroupName": "labelmintit-production-redis-enhanced-params",
        "NumCacheClusters": 3,
        "SecurityGroupIds": [SECURITY_GROUP],
        "CacheSubnetGroupName": "labelmintit-production-cache-subnet",
        **changes,
    }
    wanted = {key: value for key, value in asked.items() if value is not None}
    return dict(estate.aws.elasticache().create_replication_group(**wanted)["ReplicationGroup"])
