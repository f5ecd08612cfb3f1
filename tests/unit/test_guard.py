"""The guard refuses what is not the estate's own, and what nobody marked for drills."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from botocore.exceptions import ClientError

from harness.aws import Aws, Outgoing
from harness.aws_rules.tags import ALLOWED, DRILL_TAG, drill_target
from harness.errors import BlastRadiusRefused
from harness.estate import Role, load_estate
from harness.guard import Guard
from harness.guard.tags import tags_reported

ESTATE = load_estate(Path(__file__).parents[2] / "scenarios" / "labelmint.toml")
GUARD = Guard(ESTATE)
KINDS = (Role.PRIMARY_DATABASE, Role.CACHE, Role.UPLOADS, Role.APPLICATION, Role.BALANCER)
"""One of each kind."""


def account(number: str) -> Aws:
    """AWS as the credentials of that account see it."""
    identity = SimpleNamespace(get_caller_identity=lambda: {"Account": number})
    return cast(Aws, SimpleNamespace(sts=lambda: identity))


def known(names: Iterable[str], answer: dict[str, Any]) -> Callable[..., dict[str, Any]]:
    """An operation that answers a question about one of these names, and knows no other."""

    def asked(**params: str) -> dict[str, Any]:
        (name,) = params.values()
        return dict.fromkeys(names, answer)[name]

    return asked


def known_listed(names: Iterable[str], answer: dict[str, Any]) -> Callable[..., dict[str, Any]]:
    """The same, of an operation that takes several names at once."""
    one = known(names, answer)
    return lambda **params: one(name=next(iter(params.values()))[0])


def tagged(tags: dict[str, str]) -> Aws:
    """AWS where everything that may be struck has these tags."""
    pairs = [{"Key": key, "Value": value} for key, value in tags.items()]
    listed = known(["arn"], {"TagList": pairs})
    databases = known([one.identifier for one in ESTATE.databases], {"DBInstances": [{"DBInstanceArn": "arn"}]})
    caches = known([one.identifier for one in ESTATE.caches], {"ReplicationGroups": [{"ARN": "arn"}]})
    rds = SimpleNamespace(describe_db_instances=databases, list_tags_for_resource=listed)
    elasticache = SimpleNamespace(describe_replication_groups=caches, list_tags_for_resource=listed)
    buckets = SimpleNamespace(get_bucket_tagging=known([one.name for one in ESTATE.buckets], {"TagSet": pairs}))
    services = [{"tags": [{"key": key, "value": value} for key, value in tags.items()]}]
    balancers = known_listed([one.name for one in ESTATE.balancers], {"LoadBalancers": [{"LoadBalancerArn": "arn"}]})
    elbv2 = SimpleNamespace(
        describe_load_balancers=balancers,
        describe_tags=known_listed(["arn"], {"TagDescriptions": [{"ResourceArn": "arn", "Tags": pairs}]}),
    )
    ecs = SimpleNamespace(describe_services=lambda include=(), **_: {"services": services if include else [{}]})
    return cast(
        Aws,
        SimpleNamespace(
            rds=lambda region: rds,
            elasticache=lambda region: elasticache,
            s3=lambda region: buckets,
            ecs=lambda region: ecs,
            elbv2=lambda region: elbv2,
        ),
    )


def change_of(*names: str) -> Outgoing:
    changes = [{"Action": "UPSERT", "ResourceRecordSet": {"Name": name}} for name in names]
    batch = {"HostedZoneId": "Z1", "ChangeBatch": {"Changes": changes}}
    return Outgoing("route53", "ChangeResourceRecordSets", "us-east-1", batch)


def test_the_estates_own_account_is_allowed() -> None:
    GUARD.check_account(account(ESTATE.account_id))


def test_another_account_is_refused_and_named() -> None:
    with pytest.raises(BlastRadiusRefused, match="of account 999999999999") as refused:
        GUARD.check_account(account("999999999999"))
    assert refused.value.hint


@pytest.mark.parametrize("region", [ESTATE.regions.primary, ESTATE.regions.dr])
def test_changes_in_the_estates_regions_are_allowed(region: str) -> None:
    GUARD.check_call(Outgoing("rds", "PromoteReadReplica", region, {}))


def test_a_change_in_another_region_is_refused_and_a_look_is_not() -> None:
    GUARD.check_call(Outgoing("rds", "DescribeDBInstances", "eu-west-1", {}))
    with pytest.raises(BlastRadiusRefused, match="PromoteReadReplica in eu-west-1 was stopped") as refused:
        GUARD.check_call(Outgoing("rds", "PromoteReadReplica", "eu-west-1", {}))
    assert refused.value.hint


def test_a_service_without_regions_is_in_none() -> None:
    GUARD.check_call(Outgoing("iam", "CreateRole", "aws-global", {}))


@pytest.mark.parametrize("name", ["labelmintit.com", "labelmintit.com.", "db.labelmintit.com", "db.labelmintit.com."])
def test_records_of_the_estates_zone_may_change(name: str) -> None:
    GUARD.check_call(change_of(name))


@pytest.mark.parametrize("name", ["example.org", "notlabelmintit.com", "labelmintit.com.example.org", ""])
def test_a_record_outside_the_zone_is_refused_among_good_ones_too(name: str) -> None:
    with pytest.raises(BlastRadiusRefused, match=r"a change of .*was stopped") as refused:
        GUARD.check_call(change_of("db.labelmintit.com", name))
    assert refused.value.hint


@pytest.mark.parametrize("role", [*KINDS, Role.DR_DATABASE])
def test_what_is_marked_may_be_struck(role: Role) -> None:
    GUARD.check_target(tagged({"team": "devops", **drill_target()}), role)


@pytest.mark.parametrize("tags", [{}, {"team": "devops"}, {DRILL_TAG: "no"}, {DRILL_TAG.upper(): ALLOWED}])
@pytest.mark.parametrize("role", KINDS)
def test_what_is_not_marked_is_refused_with_the_tag_to_set(role: Role, tags: dict[str, str]) -> None:
    with pytest.raises(BlastRadiusRefused, match=f"{ESTATE.names[role]} is not marked") as refused:
        GUARD.check_target(tagged(tags), role)
    assert f"{DRILL_TAG}={ALLOWED}" in refused.value.hint


def test_a_bucket_without_tags_is_refused_whatever_s3_calls_that() -> None:
    """S3 has an error for it where the others have an empty list; any other error is not about tags."""

    def failing(code: str) -> Aws:
        def tagging(**_: str) -> None:
            raise ClientError({"Error": {"Code": code}}, "GetBucketTagging")

        return cast(Aws, SimpleNamespace(s3=lambda region: SimpleNamespace(get_bucket_tagging=tagging)))

    with pytest.raises(BlastRadiusRefused, match="uploads is not marked"):
        GUARD.check_target(failing("NoSuchTagSet"), Role.UPLOADS)
    with pytest.raises(ClientError, match="AccessDenied"):
        GUARD.check_target(failing("AccessDenied"), Role.UPLOADS)


def test_a_kind_whose_tags_nobody_reads_is_refused() -> None:
    with pytest.raises(BlastRadiusRefused, match="tags of a region cannot be read") as refused:
        tags_reported(ESTATE.placed(Role.PRIMARY_REGION), tagged(drill_target()))
    assert refused.value.hint


@pytest.mark.parametrize("unmarked", [None, "rds", "elasticache", "ecs", "elbv2"])
def test_a_region_may_be_struck_where_all_that_runs_there_may(unmarked: str | None) -> None:
    marked, bare = tagged(drill_target()), tagged({})
    services = {
        name: getattr(bare if name == unmarked else marked, name) for name in ("rds", "elasticache", "ecs", "elbv2")
    }
    aws = cast(Aws, SimpleNamespace(**services))
    if unmarked is None:
        GUARD.check_target(aws, Role.PRIMARY_REGION)
        return
    with pytest.raises(BlastRadiusRefused, match="not marked"):
        GUARD.check_target(aws, Role.PRIMARY_REGION)
