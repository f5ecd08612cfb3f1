"""ElastiCache snapshots: real files outside of the nodes, from which a group gets its data back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import valkey

from harness.capabilities import BackedUp, Spoiling
from harness.cloud.services.elasticache import ElastiCache
from harness.estate import Role
from harness.faults.spoil_backups import SpoilBackups
from harness.wait import until
from tests.contract.cloud.caching import (
    GROUP,
    RESTORED,
    SOON,
    caches,
    client,
    described,
    holds,
    restore,
    snapshot,
    take_snapshot,
    wait_status,
)
from tests.contract.cloud.raising import EAST, WEST, Raised, refusal

KEYS = 1000


@pytest.fixture(scope="module")
def estate() -> Iterator[Raised]:
    with caches() as made:
        yield made


@pytest.fixture(autouse=True)
def filled(estate: Raised) -> None:
    """Each test begins with the same keys and without a restored group or snapshots."""
    cache, service = estate.aws.elasticache(), estate.cloud.service(ElastiCache)
    if (EAST, RESTORED) in service.caches.groups:
        wait_status(estate, "available", RESTORED)
        cache.delete_replication_group(ReplicationGroupId=RESTORED)
        until("it is gone", lambda: (EAST, RESTORED) not in service.caches.groups, within=SOON)
    for one in cache.describe_snapshots()["Snapshots"]:
        cache.delete_snapshot(SnapshotName=one["SnapshotName"])
    wait_status(estate, "available")
    client(estate).flushall()
    client(estate).mset({f"user:{n}": n for n in range(KEYS)})
    machine = service.machine(Role.CACHE)
    until("replicas have all", lambda: {n.offset() for n in machine.nodes} == {machine.primary.offset()}, within=SOON)


def held(estate: Raised, name: str = RESTORED) -> int:
    return int(client(estate, name).dbsize())  # type: ignore[arg-type]


def test_a_snapshot_is_described_with_its_node_and_size(estate: Raised) -> None:
    shown = estate.aws.elasticache().create_snapshot(SnapshotName="one", ReplicationGroupId=GROUP)["Snapshot"]
    assert (shown["SnapshotStatus"], described(estate)["Status"]) == ("creating", "snapshotting")
    until("it is available", lambda: snapshot(estate, "one")["SnapshotStatus"] == "available", within=SOON)
    wait_status(estate, "available")
    one = snapshot(estate, "one")
    [node] = one["NodeSnapshots"]
    assert (one["SnapshotSource"], one["ReplicationGroupId"]) == ("manual", GROUP)
    assert (node["CacheSize"], node["NodeGroupId"]) == ("1 MB", "0001")
    assert node["CacheClusterId"] != f"{GROUP}-001", "a replica is saved, not the primary"


def test_a_group_from_a_snapshot_holds_what_was_held_then_in_all_its_nodes(estate: Raised) -> None:
    take_snapshot(estate, "one")
    client(estate).set("user:0", "later")
    restore(estate, SnapshotName="one", CacheNodeType=None)
    wait_status(estate, "available", RESTORED)
    assert held(estate) == KEYS
    assert estate.cloud.service(ElastiCache).group(RESTORED).tags == {}, "a drill may not strike it"
    assert holds(estate, "user:0", RESTORED) == b"0"
    assert holds(estate, "user:0") == b"later", "the source is not touched"
    for node in estate.cloud.service(ElastiCache).machine(RESTORED).nodes:
        until(f"{node.name} has all", lambda node=node: node.keys() == KEYS, within=SOON)  # type: ignore[misc]


def test_a_snapshot_outlives_the_group(estate: Raised) -> None:
    take_snapshot(estate, "one")
    machine = estate.cloud.service(ElastiCache).machine(Role.CACHE)
    machine.lose()
    try:
        restore(estate, SnapshotName="one", NumCacheClusters=1)
        wait_status(estate, "available", RESTORED)
        assert held(estate) == KEYS
    finally:
        machine.come_back()


def test_a_snapshot_that_is_not_finished_cannot_be_restored(estate: Raised) -> None:
    estate.cloud.pace.factor, usual = 0.005, estate.cloud.pace.factor
    try:
        estate.aws.elasticache().create_snapshot(SnapshotName="one", ReplicationGroupId=GROUP)
        assert refusal(lambda: restore(estate, SnapshotName="one"))[0] == "InvalidSnapshotState"
        assert (
            refusal(lambda: estate.aws.elasticache().delete_snapshot(SnapshotName="one"))[0] == "InvalidSnapshotState"
        )
    finally:
        estate.cloud.pace.factor = usual
    until("it is available", lambda: snapshot(estate, "one")["SnapshotStatus"] == "available", within=SOON)


def test_snapshots_are_copied_listed_and_deleted_within_their_region(estate: Raised) -> None:
    cache = estate.aws.elasticache()
    take_snapshot(estate, "one")
    assert refusal(lambda: take_snapshot(estate, "one"))[0] == "SnapshotAlreadyExistsFault"
    cache.copy_snapshot(SourceSnapshotName="one", TargetSnapshotName="two")
    until("it is available", lambda: snapshot(estate, "two")["SnapshotStatus"] == "available", within=SOON)
    cache.delete_snapshot(SnapshotName="one")
    assert [one["SnapshotName"] for one in cache.describe_snapshots()["Snapshots"]] == ["two"]
    assert estate.aws.elasticache(WEST).describe_snapshots()["Snapshots"] == []
    assert refusal(lambda: snapshot(estate, "one")) == ("SnapshotNotFoundFault", 404, 0)
    assert refusal(lambda: cache.copy_snapshot(SourceSnapshotName="one", TargetSnapshotName="x"))[1] == 404
    restore(estate, SnapshotName="two", NumCacheClusters=1)
    wait_status(estate, "available", RESTORED)
    assert held(estate) == KEYS


def test_automatic_snapshots_are_kept_for_as_many_days_as_asked(estate: Raised) -> None:
    service, cache = estate.cloud.service(ElastiCache), estate.aws.elasticache()
    group = service.group(Role.CACHE)
    take_snapshot(estate, "by-hand")
    group.retention, usual = 2, group.retention
    for _ in range(3):
        wait_status(estate, "available")
        last = service.snapshots.take_automatic(group)
        until("it is available", lambda last=last: last.status == "available", within=SOON)  # type: ignore[misc]
    group.retention = usual
    kept = cache.describe_snapshots(SnapshotSource="system")["Snapshots"]
    assert [one["SnapshotSource"] for one in kept] == ["automated", "automated"]
    assert kept[-1]["SnapshotName"] == last.name
    assert [one["SnapshotName"] for one in cache.describe_snapshots(SnapshotSource="user")["Snapshots"]] == ["by-hand"]


@pytest.mark.parametrize(("how", "left"), [(Spoiling.TRUNCATED, KEYS // 2), (Spoiling.EMPTY, 0)])
def test_a_spoiled_snapshot_looks_like_any_other_until_it_is_restored(estate: Raised, how: Spoiling, left: int) -> None:
    machine, fault = estate.cloud.service(ElastiCache).machine(Role.CACHE), SpoilBackups(how)
    assert isinstance(machine, BackedUp)
    fault.inject(machine)
    assert not fault.has_bitten(machine), "there is no snapshot to spoil"
    take_snapshot(estate, "one")
    fault.inject(machine)
    assert fault.has_bitten(machine)
    assert snapshot(estate, "one")["SnapshotStatus"] == "available"
    restore(estate, SnapshotName="one", NumCacheClusters=1)
    wait_status(estate, "available", RESTORED)
    assert held(estate) == left
    assert held(estate, GROUP) == KEYS
    fault.heal(machine)
    fault.heal(machine)
    assert not fault.has_bitten(machine)
    restore(estate, ReplicationGroupId="mended", SnapshotName="one", NumCacheClusters=1)
    wait_status(estate, "available", "mended")
    assert held(estate, "mended") == KEYS
    estate.aws.elasticache().delete_replication_group(ReplicationGroupId="mended")
    service = estate.cloud.service(ElastiCache)
    until("it is gone", lambda: (EAST, "mended") not in service.caches.groups, within=SOON)


def test_a_stale_snapshot_holds_what_the_first_one_held(estate: Raised) -> None:
    machine, fault = estate.cloud.service(ElastiCache).machine(Role.CACHE), SpoilBackups(Spoiling.STALE)
    take_snapshot(estate, "first")
    wait_status(estate, "available")
    client(estate).set("user:0", "later")
    until("replicas have it", lambda: {n.offset() for n in machine.nodes} == {machine.primary.offset()}, within=SOON)
    take_snapshot(estate, "last")
    fault.inject(machine)
    restore(estate, SnapshotName="last", NumCacheClusters=1)
    wait_status(estate, "available", RESTORED)
    assert holds(estate, "user:0", RESTORED) == b"0"
    fault.heal(machine)


def test_a_lost_group_cannot_be_saved(estate: Raised) -> None:
    machine = estate.cloud.service(ElastiCache).machine(Role.CACHE)
    machine.lose()
    try:
        wait_status(estate, "modifying")
        asked = lambda: estate.aws.elasticache().create_snapshot(SnapshotName="x", ReplicationGroupId=GROUP)  # noqa: E731
        assert refusal(asked)[0] == "InvalidReplicationGroupState"
    finally:
        machine.come_back()
    with pytest.raises(valkey.exceptions.ResponseError):
        client(estate).execute_command("BGSAVE")  # type: ignore[no-untyped-call]
