"""Security groups are kept and refused as EC2 does; what closes a database is tested with RDS."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

from harness.aws_rules.tags import ALLOWED, DRILL_TAG
from harness.cloud.services.ec2 import Ec2
from harness.cloud.services.rds import Rds
from harness.cloud.services.ssm import Ssm
from tests.contract.cloud.raising import EAST, WEST, Raised, raised, refusal

GROUP = "sg-0a1b2c3d4e5f60001"
POSTGRES: dict[str, Any] = {
    "IpProtocol": "tcp",
    "FromPort": 5432,
    "ToPort": 5432,
    "IpRanges": [{"CidrIp": "10.1.0.0/16"}],
}


@pytest.fixture(scope="module")
def estate() -> Iterator[Raised]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Rds, "raise_estate", lambda self: None)
        with raised(Rds, Ec2, Ssm) as made:
            yield made


def group(estate: Raised, region: str = EAST) -> dict[str, Any]:
    return dict(estate.aws.ec2(region).describe_security_groups(GroupIds=[GROUP])["SecurityGroups"][0])


def test_the_estates_groups_let_the_application_in(estate: Raised) -> None:
    [permission] = group(estate)["IpPermissions"]

    assert (permission["IpProtocol"], permission["FromPort"], permission["ToPort"]) == ("tcp", 5432, 5432)
    assert group(estate)["GroupName"] == "labelmintit-production-db-enhanced-sg"


def test_a_group_belongs_to_its_region(estate: Raised) -> None:
    assert refusal(lambda: group(estate, WEST))[0] == "InvalidGroup.NotFound"
    names = {one["GroupName"] for one in estate.aws.ec2(WEST).describe_security_groups()["SecurityGroups"]}
    assert {"labelmintit-production-dr-db-sg", "default"} <= names
    assert "labelmintit-production-db-enhanced-sg" not in names


@pytest.mark.parametrize(
    ("peer", "admitted"),
    [
        ({"IpRanges": [{"CidrIp": "10.0.0.0/8"}]}, True),
        ({"IpRanges": [{"CidrIp": "0.0.0.0/0"}]}, True),
        ({"IpRanges": [{"CidrIp": "203.0.113.0/24"}]}, False),
        ({"IpRanges": [{"CidrIp": "10.1.0.0/16"}]}, False),
        ({"Ipv6Ranges": [{"CidrIpv6": "::/0"}]}, False),
        ({"UserIdGroupPairs": [{"GroupId": GROUP}]}, False),
        ({"PrefixListIds": [{"PrefixListId": "pl-0123456789abcdef0"}]}, False),
    ],
)
def test_only_a_rule_for_the_applications_network_admits_the_application(
    estate: Raised, peer: dict[str, Any], admitted: bool
) -> None:
    """A part of its network is not enough: nobody knows in which subnet a task comes up."""
    ec2: Any = estate.aws.ec2()
    rules = estate.cloud.service(Ec2)
    made = ec2.create_security_group(GroupName=f"peer {peer}", Description="of one test")["GroupId"]
    ec2.authorize_security_group_ingress(
        GroupId=made,
        IpPermissions=[{"IpProtocol": "tcp", "FromPort": 5000, "ToPort": 6000, **peer}],
    )

    assert rules.allows([made], 5432) is admitted
    assert not rules.allows([made], 6379)
    assert rules.allows([made, GROUP], 5432), "groups add up"


def test_an_address_range_is_kept_as_ec2_keeps_it(estate: Raised) -> None:
    ec2: Any = estate.aws.ec2()
    made = ec2.create_security_group(GroupName="ranges", Description="of one test")["GroupId"]

    def authorize(cidr: str) -> Any:
        ranges = [{"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": cidr}]}]
        return ec2.authorize_security_group_ingress(GroupId=made, IpPermissions=ranges)["SecurityGroupRules"][0]

    assert authorize("10.1.2.3/16")["CidrIpv4"] == "10.1.0.0/16"
    for wrong in ("10.1.2.3", "10.1.2.3/33", "nowhere/8"):
        assert refusal(partial(authorize, wrong))[0] == "InvalidParameterValue"


def test_a_rule_is_authorized_once_shown_and_revoked_once(estate: Raised) -> None:
    ec2 = estate.aws.ec2()
    made = ec2.authorize_security_group_ingress(GroupId=GROUP, IpPermissions=[POSTGRES])["SecurityGroupRules"][0]  # type: ignore[list-item]
    again = refusal(lambda: ec2.authorize_security_group_ingress(GroupId=GROUP, IpPermissions=[POSTGRES]))  # type: ignore[list-item]
    rules = ec2.describe_security_group_rules(Filters=[{"Name": "group-id", "Values": [GROUP]}])["SecurityGroupRules"]

    assert again[0] == "InvalidPermission.Duplicate"
    assert made["SecurityGroupRuleId"] in {rule["SecurityGroupRuleId"] for rule in rules}
    assert len(group(estate)["IpPermissions"]) == 1, "rules of one port are one permission"
    ec2.revoke_security_group_ingress(GroupId=GROUP, SecurityGroupRuleIds=[made["SecurityGroupRuleId"]])
    gone = refusal(lambda: ec2.revoke_security_group_ingress(GroupId=GROUP, IpPermissions=[POSTGRES]))  # type: ignore[list-item]
    assert gone[0] == "InvalidPermission.NotFound"


def test_the_short_form_of_a_rule_is_understood(estate: Raised) -> None:
    """`aws ec2 revoke-security-group-ingress --protocol tcp --port 22 --cidr …` sends it so."""
    ec2 = estate.aws.ec2()
    short: dict[str, Any] = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "CidrIp": "10.0.0.0/8"}

    ec2.authorize_security_group_ingress(GroupId=GROUP, **short)
    assert {permission["FromPort"] for permission in group(estate)["IpPermissions"]} == {22, 5432}
    ec2.revoke_security_group_ingress(GroupId=GROUP, **short)
    assert {permission["FromPort"] for permission in group(estate)["IpPermissions"]} == {5432}


def test_what_is_not_there_is_refused(estate: Raised) -> None:
    ec2 = estate.aws.ec2()
    call = lambda: ec2.revoke_security_group_ingress(GroupId="sg-0", IpPermissions=[POSTGRES])  # type: ignore[list-item]  # noqa: E731

    assert refusal(call)[0] == "InvalidGroup.NotFound"
    assert refusal(lambda: ec2.authorize_security_group_ingress(GroupId=GROUP))[0] == "MissingParameter"


def test_a_new_group_lets_nobody_in(estate: Raised) -> None:
    """A restore into such a group is unreachable."""
    ec2 = estate.aws.ec2()
    made = ec2.create_security_group(GroupName="restored", Description="for a restore")["GroupId"]

    shown = ec2.describe_security_groups(GroupIds=[made])["SecurityGroups"][0]
    assert shown["IpPermissions"] == shown["Tags"] == [], "and no drill may strike it"
    assert group(estate)["Tags"] == [{"Key": DRILL_TAG, "Value": ALLOWED}]
    assert not estate.cloud.service(Ec2).allows([made], 5432)
    assert estate.cloud.service(Ec2).allows([made, GROUP], 5432)
    again = refusal(lambda: ec2.create_security_group(GroupName="restored", Description="x"))
    assert again[0] == "InvalidGroup.Duplicate"
