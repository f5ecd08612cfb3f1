"""ElastiCache groups: as many real nodes as asked for, endpoints that follow the primary, and AWS's refusals."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import valkey

from harness import dial
from harness.cloud.services.elasticache import ElastiCache
from harness.cloud.services.elasticache.names import short
from harness.errors import BlastRadiusRefused
from harness.estate import Role
from harness.guard import Guard
from harness.wait import until
from tests.contract.cloud.caching import (
    DR_GROUP,
    GROUP,
    RESTORED,
    SECURITY_GROUP,
    SOON,
    caches,
    client,
    described,
    holds,
    restore,
    takes_writes,
    wait_status,
)  # fmt: skip
from tests.contract.cloud.raising import EAST, WEST, Raised, refusal


@pytest.fixture(scope="module")
def shared() -> Iterator[Raised]:
    """For tests that change nothing that lasts."""
    with caches() as made:
        yield made


@pytest.fixture
def estate() -> Iterator[Raised]:
    with caches() as made:
        yield made


@contextmanager
def slowly(estate: Raised) -> Iterator[None]:
    """A group that is asked for in here takes a second, so that it can be met half done."""
    usual, estate.cloud.pace.factor = estate.cloud.pace.factor, 0.003
    try:
        yield
    finally:
        estate.cloud.pace.factor = usual


def nodes(estate: Raised, name: str = GROUP, region: str = EAST) -> dict[str, str]:
    """Node -> role, as described."""
    members = described(estate, name, region)["NodeGroups"][0]["NodeGroupMembers"]
    return {member["CacheClusterId"]: member["CurrentRole"] for member in members}


def test_the_estates_groups_are_described_with_all_their_nodes(shared: Raised) -> None:
    group = described(shared)
    assert group["MemberClusters"] == [f"{GROUP}-00{n}" for n in (1, 2, 3)]
    assert nodes(shared) == {f"{GROUP}-001": "primary", f"{GROUP}-002": "replica", f"{GROUP}-003": "replica"}
    assert (group["AutomaticFailover"], group["SnapshotRetentionLimit"]) == ("enabled", 7)
    assert group["GlobalReplicationGroupInfo"]["GlobalReplicationGroupMemberRole"] == "PRIMARY"
    clusters = shared.aws.elasticache().describe_cache_clusters(ShowCacheNodeInfo=True)["CacheClusters"]
    assert {one["CacheParameterGroup"]["CacheParameterGroupName"] for one in clusters} == {
        "labelmintit-production-redis-enhanced-params"
    }
    assert [one["SecurityGroups"][0]["SecurityGroupId"] for one in clusters] == [SECURITY_GROUP] * 3
    assert len(nodes(shared, DR_GROUP, WEST)) == 2


def test_endpoints_are_of_their_region_and_lead_to_real_nodes(shared: Raised) -> None:
    [shard] = described(shared)["NodeGroups"]
    [far] = described(shared, DR_GROUP, WEST)["NodeGroups"]
    assert shard["PrimaryEndpoint"]["Address"].endswith(".ng.0001.use1.cache.amazonaws.com")
    assert far["PrimaryEndpoint"]["Address"].endswith(".ng.0001.usw2.cache.amazonaws.com")
    assert client(shared).set("user:1", "ada")
    until("the reader has it", lambda: client(shared, reader=True).get("user:1") == b"ada", within=SOON)
    with pytest.raises(valkey.exceptions.ReadOnlyError):
        client(shared, reader=True).set("user:1", "eve")
    readers = dial.resolve(shared.cloud.directory, shard["ReaderEndpoint"]["Address"]).addresses
    assert len(readers) == 2


@pytest.mark.parametrize(
    ("region", "said"),
    [("us-east-1", "use1"), ("us-west-2", "usw2"), ("eu-central-1", "euc1"), ("ap-southeast-2", "apse2")],
)
def test_a_regions_short_name(region: str, said: str) -> None:
    assert short(region) == said


@pytest.mark.parametrize(
    ("changes", "code", "status"),
    [
        ({"SnapshotName": "no-such"}, "SnapshotNotFoundFault", 404),
        ({"CacheParameterGroupName": "no-such"}, "CacheParameterGroupNotFound", 404),
        ({"CacheSubnetGroupName": "no-such"}, "CacheSubnetGroupNotFoundFault", 400),
        ({"SecurityGroupIds": ["sg-nowhere"]}, "InvalidParameterValue", 400),
        ({"ReplicationGroupId": GROUP}, "ReplicationGroupAlreadyExists", 400),
        ({"ReplicationGroupId": "a" * 41}, "InvalidParameterValue", 400),
        ({"ReplicationGroupId": "ends-with-"}, "InvalidParameterValue", 400),
        ({"NumCacheClusters": 7}, "InvalidParameterValue", 400),
        ({"NumCacheClusters": 1, "AutomaticFailoverEnabled": True}, "InvalidParameterCombination", 400),
        ({"MultiAZEnabled": True}, "InvalidParameterCombination", 400),
        ({"CacheNodeType": "large"}, "InvalidParameterValue", 400),
        ({"CacheNodeType": None}, "InvalidParameterValue", 400),
        ({"Engine": "memcached"}, "InvalidParameterValue", 400),
        ({"SnapshotRetentionLimit": 36}, "InvalidParameterValue", 400),
        ({"GlobalReplicationGroupId": "ldgnf-no-such"}, "GlobalReplicationGroupNotFoundFault", 404),
        ({"AuthToken": "0123456789abcdef"}, "NotImplemented", 501),
    ],
)
def test_a_group_that_cannot_be_is_refused(shared: Raised, changes: dict[str, Any], code: str, status: int) -> None:
    assert refusal(lambda: restore(shared, **changes))[:2] == (code, status)
    assert RESTORED not in {
        group["ReplicationGroupId"]
        for group in shared.aws.elasticache().describe_replication_groups()["ReplicationGroups"]
    }


def test_what_is_not_there_is_refused(shared: Raised) -> None:
    cache = shared.aws.elasticache()
    refused = [
        refusal(lambda: cache.describe_replication_groups(ReplicationGroupId="no-such")),
        refusal(lambda: cache.describe_cache_clusters(CacheClusterId="no-such")),
        refusal(lambda: cache.describe_snapshots(SnapshotName="no-such")),
        refusal(lambda: cache.test_failover(ReplicationGroupId=GROUP, NodeGroupId="0002")),
        refusal(lambda: cache.describe_cache_parameter_groups(CacheParameterGroupName="no-such")),
        refusal(lambda: cache.describe_cache_subnet_groups(CacheSubnetGroupName="no-such")),
        refusal(lambda: cache.delete_replication_group(ReplicationGroupId=GROUP)),
    ]
    assert [code for code, _, _ in refused] == [
        "ReplicationGroupNotFoundFault", "CacheClusterNotFound", "SnapshotNotFoundFault", "NodeGroupNotFoundFault",
        "CacheParameterGroupNotFound", "CacheSubnetGroupNotFoundFault", "InvalidReplicationGroupState",
    ]  # fmt: skip


def test_a_new_group_takes_its_time_and_has_as_many_nodes_as_asked(estate: Raised) -> None:
    with slowly(estate):
        shown = restore(estate, NumCacheClusters=3, AutomaticFailoverEnabled=True)
        assert shown["Status"] == "creating"
        assert "PrimaryEndpoint" not in shown["NodeGroups"][0]
        assert (
            refusal(
                lambda: estate.aws.elasticache().create_snapshot(SnapshotName="early", ReplicationGroupId=RESTORED)
            )[0]
            == "InvalidReplicationGroupState"
        )
    wait_status(estate, "available", RESTORED)
    assert sorted(nodes(estate, RESTORED).values()) == ["primary", "replica", "replica"]
    said: Any = client(estate, RESTORED).info("replication")
    assert said["connected_slaves"] == 2
    estate.aws.elasticache().delete_replication_group(ReplicationGroupId=RESTORED)
    until("it is gone", lambda: len(estate.cloud.service(ElastiCache).caches.groups) == 2, within=SOON)
    assert refusal(lambda: described(estate, RESTORED))[0] == "ReplicationGroupNotFoundFault"


def test_a_group_without_security_groups_is_in_the_default_one_and_unreachable(estate: Raised) -> None:
    restore(estate, SecurityGroupIds=None, NumCacheClusters=1)
    wait_status(estate, "available", RESTORED)
    with pytest.raises(valkey.exceptions.AuthenticationError):
        client(estate, RESTORED).ping()
    estate.aws.elasticache().modify_replication_group(
        ReplicationGroupId=RESTORED, SecurityGroupIds=[SECURITY_GROUP], ApplyImmediately=True
    )
    until("it can be reached", lambda: takes_writes(estate, RESTORED), within=SOON)


def test_a_closed_security_group_keeps_clients_out_until_it_is_open_again(estate: Raised) -> None:
    rule: dict[str, Any] = {
        "GroupId": SECURITY_GROUP,
        "IpProtocol": "tcp",
        "FromPort": 6379,
        "ToPort": 6379,
        "CidrIp": "10.0.0.0/8",
    }
    estate.aws.ec2().revoke_security_group_ingress(**rule)
    until("clients are refused", lambda: not takes_writes(estate), within=SOON)
    estate.aws.ec2().authorize_security_group_ingress(**rule)
    until("clients come in", lambda: takes_writes(estate), within=SOON)


def test_when_the_primary_dies_a_replica_takes_over_at_the_same_endpoint(estate: Raised) -> None:
    client(estate).set("user:1", "ada")
    machine = estate.cloud.service(ElastiCache).machine(Role.CACHE)
    until("replicas have it", lambda: {n.offset() for n in machine.nodes} == {machine.primary.offset()}, within=SOON)
    endpoint, old = described(estate)["NodeGroups"][0]["PrimaryEndpoint"], machine.primary
    machine.kill()
    until("a replica took over", lambda: takes_writes(estate), within=SOON)
    assert machine.primary is not old
    assert described(estate)["NodeGroups"][0]["PrimaryEndpoint"] == endpoint
    assert holds(estate, "user:1") == b"ada"
    until("the dead node is replaced", old.is_receiving, within=SOON)
    assert list(nodes(estate).values()).count("primary") == 1
    until(
        "the other region follows the new primary",
        lambda: holds(estate, "user:1", DR_GROUP, WEST) == b"ada",
        within=SOON,
    )
    client(estate).set("user:2", "eve")
    until("and goes on doing so", lambda: holds(estate, "user:2", DR_GROUP, WEST) == b"eve", within=SOON)


def test_a_failover_can_be_tested(estate: Raised) -> None:
    before = nodes(estate)
    shown = estate.aws.elasticache().test_failover(ReplicationGroupId=GROUP, NodeGroupId="0001")["ReplicationGroup"]
    assert shown["Status"] == "modifying"
    until("the roles changed", lambda: nodes(estate) != before, within=SOON)
    wait_status(estate, "available")
    assert takes_writes(estate)


def test_a_group_without_automatic_failover_waits_for_its_node_and_comes_back_empty(estate: Raised) -> None:
    restore(estate, NumCacheClusters=2)
    wait_status(estate, "available", RESTORED)
    client(estate, RESTORED).set("user:1", "ada")
    assert (
        refusal(lambda: estate.aws.elasticache().test_failover(ReplicationGroupId=RESTORED, NodeGroupId="0001"))[0]
        == "InvalidReplicationGroupState"
    )
    estate.cloud.service(ElastiCache).machine(RESTORED).kill()
    wait_status(estate, "modifying", RESTORED)
    wait_status(estate, "available", RESTORED)
    assert holds(estate, "user:1", RESTORED) is None


def test_a_lost_group_stays_lost_until_it_comes_back_empty(estate: Raised) -> None:
    client(estate).set("user:1", "ada")
    machine = estate.cloud.service(ElastiCache).machine(Role.CACHE)
    machine.lose()
    wait_status(estate, "modifying")
    assert machine.is_lost()
    assert not machine.is_running()
    assert not takes_writes(estate)
    machine.come_back()
    wait_status(estate, "available")
    assert holds(estate, "user:1") is None


def test_a_group_whose_replicas_die_during_the_failover_comes_back_too(estate: Raised) -> None:
    service = estate.cloud.service(ElastiCache)
    machine = service.machine(Role.CACHE)
    watched = next(group for group in service.caches if group.identifier == GROUP)
    machine.kill()
    until("the failover begins", lambda: watched.failing_over, within=SOON)
    machine.lose()
    until("the failover is given up", lambda: not watched.failing_over, within=SOON)
    machine.come_back()
    wait_status(estate, "available")


def test_a_replica_can_be_made_the_primary_by_hand_where_nothing_does_so_by_itself(estate: Raised) -> None:
    cache, wanted = estate.aws.elasticache(), f"{GROUP}-002"
    assert (
        refusal(
            lambda: cache.modify_replication_group(
                ReplicationGroupId=GROUP, PrimaryClusterId=wanted, ApplyImmediately=True
            )
        )[0]
        == "InvalidReplicationGroupState"
    )
    cache.modify_replication_group(
        ReplicationGroupId=GROUP, PrimaryClusterId=wanted, AutomaticFailoverEnabled=False, MultiAZEnabled=False,
        ApplyImmediately=True,
    )  # fmt: skip
    until("it is the primary", lambda: nodes(estate)[wanted] == "primary", within=SOON)
    wait_status(estate, "available")
    assert takes_writes(estate)
    assert described(estate)["AutomaticFailover"] == "disabled"


def test_the_guard_lets_a_cache_be_struck_only_while_it_is_marked(shared: Raised) -> None:
    guard, cache, arn = Guard(shared.cloud.estate), shared.aws.elasticache(), described(shared)["ARN"]
    guard.check_target(shared.aws, Role.CACHE)
    cache.remove_tags_from_resource(ResourceName=arn, TagKeys=["dr-drill"])
    with pytest.raises(BlastRadiusRefused, match="not marked"):
        guard.check_target(shared.aws, Role.CACHE)
    cache.add_tags_to_resource(ResourceName=arn, Tags=[{"Key": "dr-drill", "Value": "allowed"}])
    guard.check_target(shared.aws, Role.CACHE)


def test_passwords_reach_no_fact(shared: Raised) -> None:
    said = repr(shared.log.written)
    assert not any(secret in said for secret in shared.cloud.service(ElastiCache).secrets())
