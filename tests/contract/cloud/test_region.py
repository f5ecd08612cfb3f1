"""A region that is out of reach: nothing that runs there answers, nor its API; and it comes back with what it held."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ConnectionClosedError

from harness.aws import Aws
from harness.capabilities import Darkness
from harness.cloud.region import RegionSwitch
from harness.cloud.services.ecs import Ecs
from harness.cloud.services.ecs.registry import release_of
from harness.cloud.services.ecs.secrets import CannotStart
from harness.cloud.services.elasticache import ElastiCache
from harness.cloud.services.elbv2 import Elbv2
from harness.cloud.services.rds import Rds
from harness.estate import Balancer, Bucket, Cache, Database, Region, Role, Service
from harness.wait import until
from tests.contract.cloud.raising import EAST, WEST, Raised, raised

READS: dict[str, Callable[[Aws, str], Any]] = {
    "rds": lambda aws, region: aws.rds(region).describe_db_instances(),
    "elasticache": lambda aws, region: aws.elasticache(region).describe_replication_groups(),
    "ecs": lambda aws, region: aws.ecs(region).list_clusters(),
    "elbv2": lambda aws, region: aws.elbv2(region).describe_load_balancers(),
    "cloudwatch": lambda aws, region: aws.cloudwatch(region).describe_alarms(),
    "ssm": lambda aws, region: aws.ssm(region).get_parameters_by_path(Path="/labelmintit"),
    "secretsmanager": lambda aws, region: aws.secretsmanager(region).list_secrets(),
    "ec2": lambda aws, region: aws.ec2(region).describe_security_groups(),
    "backup": lambda aws, region: aws.backup(region).list_backup_vaults(),
    "s3": lambda aws, region: aws.s3(region).list_objects_v2(Bucket="labelmintit-production-uploads"),
    "sts": lambda aws, region: aws.sts(region).get_caller_identity(),
}


@pytest.fixture(scope="module")
def estate() -> Iterator[Raised]:
    with raised() as found:
        yield found


@pytest.fixture(scope="module")
def dark(estate: Raised) -> Iterator[RegionSwitch]:
    """The region, gone; the tests come in the order in which they are written."""
    switch = estate.cloud.target(Role.PRIMARY_REGION)
    assert isinstance(switch, RegionSwitch)
    switch.go_dark(Darkness.GONE)
    yield switch
    switch.come_back()


def runs(estate: Raised, role: Role) -> bool:
    """Whether anything in that place answers."""
    cloud = estate.cloud
    match cloud.estate.placed(role):
        case Database():
            return cloud.service(Rds).machine(role).is_running()
        case Cache():
            return any(node.is_running() for node in cloud.service(ElastiCache).machine(role).nodes)
        case Service():
            return bool(cloud.service(Ecs).tasks(role))
        case Balancer():
            return cloud.service(Elbv2).machine(role).is_running()
        case other:
            raise AssertionError(f"nobody knows whether a {type(other).__name__} runs")


def places(estate: Raised, region: str) -> list[Role]:
    """All that runs in a region: a new kind has to be told of in `runs`, and among the hosts of its service."""
    return [
        one.role
        for one in estate.cloud.estate.resources
        if one.region == region and not isinstance(one, Region | Bucket) and getattr(one, "raised", True)
    ]


def test_nothing_runs_there_and_everything_elsewhere_does(estate: Raised, dark: RegionSwitch) -> None:
    assert dark.is_dark()
    assert [role for role in places(estate, EAST) if runs(estate, role)] == []
    idle = {part.role for part in estate.cloud.estate.services if not part.desired_count}
    assert [role for role in places(estate, WEST) if not runs(estate, role) and role not in idle] == []


@pytest.mark.parametrize("service", READS)
def test_no_service_of_it_answers_a_call_and_those_of_the_other_region_do(
    estate: Raised, dark: RegionSwitch, service: str
) -> None:
    with pytest.raises(ConnectionClosedError):
        READS[service](estate.aws, EAST)
    if service != "s3":  # a bucket is where it is
        READS[service](estate.aws, WEST)


def test_what_is_kept_there_is_not_got_through_another_region(estate: Raised, dark: RegionSwitch) -> None:
    with pytest.raises(ConnectionClosedError):
        estate.aws.s3(WEST).list_objects_v2(Bucket="labelmintit-production-uploads")
    account = estate.cloud.estate.account_id
    with pytest.raises(ConnectionClosedError):
        estate.aws.rds(WEST).copy_db_snapshot(
            SourceDBSnapshotIdentifier=f"arn:aws:rds:{EAST}:{account}:snapshot:any",
            TargetDBSnapshotIdentifier="rescued",
        )
    assert not estate.cloud.is_reachable(EAST)
    with pytest.raises(CannotStart, match="timeout"):
        release_of(f"{account}.dkr.ecr.{EAST}.amazonaws.com/labelmint:1", account, estate.cloud.is_reachable)


def test_what_belongs_to_no_region_answers(estate: Raised, dark: RegionSwitch) -> None:
    assert estate.aws.route53().list_hosted_zones()["HostedZones"]


def test_no_task_is_started_there_meanwhile(estate: Raised, dark: RegionSwitch) -> None:
    """The scheduler would replace them at once."""
    host = estate.cloud.service(Ecs).host(EAST)
    assert not host.is_running()
    assert not estate.cloud.service(Ecs).tasks(Role.APPLICATION)


def test_it_comes_back_with_all_that_it_had(estate: Raised, dark: RegionSwitch) -> None:
    dark.come_back()
    assert not dark.is_dark()
    within = timedelta(seconds=30)
    until("everything runs", lambda: all(runs(estate, role) for role in places(estate, EAST)), within=within)
    assert READS["rds"](estate.aws, EAST)["DBInstances"]
    dark.come_back()
