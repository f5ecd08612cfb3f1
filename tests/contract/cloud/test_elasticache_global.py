"""Global Datastores: the other region follows, reads only, and takes writes once it is failed over to or detached."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import valkey

from harness.capabilities import Killable, Losable, Pausable, Promotable, Replicating
from harness.cloud.services.elasticache import ElastiCache
from harness.estate import Role
from harness.faults.cut_replication import CutReplication
from harness.faults.lose_instance import LoseInstance
from harness.wait import until
from tests.contract.cloud.caching import (
    DATASTORE,
    DR_GROUP,
    DR_SECURITY_GROUP,
    GROUP,
    SOON,
    caches,
    client,
    holds,
    restore,
    takes_writes,
    wait_status,
)
from tests.contract.cloud.raising import EAST, WEST, Raised, refusal


@pytest.fixture
def estate() -> Iterator[Raised]:
    with caches() as made:
        yield made


def store(estate: Raised, name: str = DATASTORE) -> dict[str, Any]:
    found = estate.aws.elasticache().describe_global_replication_groups(
        GlobalReplicationGroupId=name, ShowMemberInfo=True
    )
    return dict(found["GlobalReplicationGroups"][0])


def roles(estate: Raised) -> dict[str, str]:
    return {member["ReplicationGroupId"]: member["Role"] for member in store(estate)["Members"]}


def test_the_other_region_follows_and_refuses_writes(estate: Raised) -> None:
    assert (store(estate)["Status"], roles(estate)) == ("available", {GROUP: "PRIMARY", DR_GROUP: "SECONDARY"})
    client(estate).set("user:1", "ada")
    until("the other region has it", lambda: holds(estate, "user:1", DR_GROUP, WEST) == b"ada", within=SOON)
    with pytest.raises(valkey.exceptions.ReadOnlyError):
        client(estate, DR_GROUP, WEST).set("user:1", "eve")


def test_failing_over_makes_the_other_region_take_writes_and_the_old_one_follow(estate: Raised) -> None:
    client(estate).set("user:1", "ada")
    until("the other region has it", lambda: holds(estate, "user:1", DR_GROUP, WEST) == b"ada", within=SOON)
    answered = estate.aws.elasticache().failover_global_replication_group(
        GlobalReplicationGroupId=DATASTORE, PrimaryRegion=WEST, PrimaryReplicationGroupId=DR_GROUP
    )
    assert answered["GlobalReplicationGroup"]["Status"] == "modifying"
    until("the roles changed", lambda: roles(estate) == {GROUP: "SECONDARY", DR_GROUP: "PRIMARY"}, within=SOON)
    wait_status(estate, "available", DR_GROUP, WEST)
    assert takes_writes(estate, DR_GROUP, WEST)
    assert holds(estate, "user:1", DR_GROUP, WEST) == b"ada"
    client(estate, DR_GROUP, WEST).set("user:2", "eve")
    until("the old one follows", lambda: holds(estate, "user:2") == b"eve", within=SOON)
    assert not takes_writes(estate)


def test_the_region_that_was_lost_comes_back_as_a_follower(estate: Raised) -> None:
    """The lost group cannot stop the failover, and takes no write behind the new primary's back afterwards."""
    client(estate).set("user:1", "ada")
    until("the other region has it", lambda: holds(estate, "user:1", DR_GROUP, WEST) == b"ada", within=SOON)
    machine, fault = estate.cloud.service(ElastiCache).machine(Role.CACHE), LoseInstance()
    fault.inject(machine)
    assert fault.has_bitten(machine)
    assert holds(estate, "user:1", DR_GROUP, WEST) == b"ada", "it still answers readers"
    assert not takes_writes(estate, DR_GROUP, WEST), "a secondary does not promote itself"
    estate.aws.elasticache(WEST).failover_global_replication_group(
        GlobalReplicationGroupId=DATASTORE, PrimaryRegion=WEST, PrimaryReplicationGroupId=DR_GROUP
    )
    until("it takes writes", lambda: takes_writes(estate, DR_GROUP, WEST), within=SOON)
    assert holds(estate, "user:1", DR_GROUP, WEST) == b"ada"
    fault.heal(machine)
    fault.heal(machine)
    until("the lost one follows", lambda: holds(estate, "user:1") == b"ada", within=SOON)
    assert not takes_writes(estate)


def test_a_detached_group_stands_alone(estate: Raised) -> None:
    estate.aws.elasticache().disassociate_global_replication_group(
        GlobalReplicationGroupId=DATASTORE, ReplicationGroupId=DR_GROUP, ReplicationGroupRegion=WEST
    )
    until("it takes writes", lambda: takes_writes(estate, DR_GROUP, WEST), within=SOON)
    until("the datastore is alone", lambda: store(estate)["Status"] == "primary-only", within=SOON)
    assert roles(estate) == {GROUP: "PRIMARY"}
    client(estate).set("user:1", "ada")
    assert holds(estate, "user:1", DR_GROUP, WEST) is None
    estate.aws.elasticache().delete_global_replication_group(
        GlobalReplicationGroupId=DATASTORE, RetainPrimaryReplicationGroup=True
    )
    until(
        "it is gone",
        lambda: not estate.aws.elasticache().describe_global_replication_groups()["GlobalReplicationGroups"],
        within=SOON,
    )
    assert refusal(lambda: store(estate))[:2] == ("GlobalReplicationGroupNotFoundFault", 404)


def test_a_new_datastore_gets_a_new_secondary(estate: Raised) -> None:
    restore(estate, ReplicationGroupId="another", AutomaticFailoverEnabled=True, NumCacheClusters=2)
    wait_status(estate, "available", "another")
    client(estate, "another").set("user:1", "ada")
    made = estate.aws.elasticache().create_global_replication_group(
        GlobalReplicationGroupIdSuffix="mine", PrimaryReplicationGroupId="another"
    )["GlobalReplicationGroup"]["GlobalReplicationGroupId"]
    assert made == "ldgnf-mine"
    until("it is there", lambda: store(estate, made)["Status"] == "primary-only", within=SOON)
    estate.aws.elasticache(WEST).create_replication_group(
        ReplicationGroupId="follower", ReplicationGroupDescription="x", GlobalReplicationGroupId=made,
        NumCacheClusters=1, SecurityGroupIds=[DR_SECURITY_GROUP],
    )  # fmt: skip
    wait_status(estate, "available", "follower", WEST)
    assert store(estate, made)["Status"] == "available"
    until("it follows", lambda: holds(estate, "user:1", "follower", WEST) == b"ada", within=SOON)
    assert not takes_writes(estate, "follower", WEST)


@pytest.mark.parametrize(
    ("region", "group"), [(EAST, GROUP), (WEST, "no-such"), (EAST, DR_GROUP)], ids=["primary", "unknown", "elsewhere"]
)
def test_only_a_secondary_can_be_failed_over_to_or_detached(estate: Raised, region: str, group: str) -> None:
    cache = estate.aws.elasticache()
    assert (
        refusal(
            lambda: cache.failover_global_replication_group(
                GlobalReplicationGroupId=DATASTORE, PrimaryRegion=region, PrimaryReplicationGroupId=group
            )
        )[0]
        == "InvalidParameterValue"
    )
    assert (
        refusal(
            lambda: cache.disassociate_global_replication_group(
                GlobalReplicationGroupId=DATASTORE, ReplicationGroupId=group, ReplicationGroupRegion=region
            )
        )[0]
        == "InvalidParameterValue"
    )


def test_one_change_at_a_time(estate: Raised) -> None:
    cache = estate.aws.elasticache()
    asked = {"GlobalReplicationGroupId": DATASTORE, "PrimaryRegion": WEST, "PrimaryReplicationGroupId": DR_GROUP}
    cache.failover_global_replication_group(**asked)
    again = refusal(lambda: cache.failover_global_replication_group(**asked))
    assert again[0] == "InvalidGlobalReplicationGroupState"
    until("it takes writes", lambda: takes_writes(estate, DR_GROUP, WEST), within=SOON)
    assert (
        refusal(lambda: cache.delete_replication_group(ReplicationGroupId=GROUP))[0] == "InvalidReplicationGroupState"
    )


def test_a_secondary_that_is_cut_off_misses_what_happens(estate: Raised) -> None:
    machine, fault = estate.cloud.service(ElastiCache).machine(Role.DR_CACHE), CutReplication()
    for needed in (Killable, Losable, Pausable, Promotable, Replicating):
        assert isinstance(machine, needed)
    fault.inject(machine)
    assert fault.has_bitten(machine)
    client(estate).set("user:1", "ada")
    assert holds(estate, "user:1", DR_GROUP, WEST) is None
    fault.heal(machine)
    until("it has caught up", lambda: holds(estate, "user:1", DR_GROUP, WEST) == b"ada", within=SOON)
