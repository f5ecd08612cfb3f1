"""How two instances differ, whatever RDS does not say of one of them."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from harness.aws import Aws
from harness.estate import Role, load_estate
from harness.facts import Stage
from harness.probes.instances import TRAITS, protection, traits

ESTATE = Path(__file__).parents[3] / "scenarios" / "labelmint.toml"
SHOWN: dict[str, Any] = {
    "DBInstanceIdentifier": "one",
    "DBInstanceStatus": "available",
    "DBInstanceClass": "db.r6g.large",
    "MultiAZ": True,
    "DeletionProtection": True,
    "DBParameterGroups": [{"DBParameterGroupName": "params", "ParameterApplyStatus": "in-sync"}],
    "DBSubnetGroup": {"DBSubnetGroupName": "subnets", "SubnetGroupStatus": "Complete"},
    "VpcSecurityGroups": [
        {"VpcSecurityGroupId": "sg-2", "Status": "active"},
        {"VpcSecurityGroupId": "sg-1", "Status": "active"},
    ],
}


def seen(**changes: Any) -> dict[str, str]:
    return traits(cast(Any, SHOWN | changes))


def test_every_trait_has_words() -> None:
    assert tuple(seen()) == TRAITS
    assert seen()["KmsKeyId"] == "none"
    assert seen()["VpcSecurityGroups"] == "sg-1, sg-2"


def test_its_name_its_state_and_the_order_of_groups_are_no_traits() -> None:
    groups = [{"VpcSecurityGroupId": name, "Status": "adding"} for name in ("sg-1", "sg-2")]
    assert seen(DBInstanceIdentifier="two", DBInstanceStatus="modifying", VpcSecurityGroups=groups) == seen()


@pytest.mark.parametrize(
    ("trait", "other"),
    [
        ("DBInstanceClass", "db.t4g.medium"),
        ("MultiAZ", False),
        ("DeletionProtection", False),
        ("StorageEncrypted", True),
        ("KmsKeyId", "a key"),
        ("BackupRetentionPeriod", 1),
        ("DBParameterGroups", [{"DBParameterGroupName": "default.postgres18"}]),
        ("DBSubnetGroup", {"DBSubnetGroupName": "default"}),
        ("VpcSecurityGroups", [{"VpcSecurityGroupId": "sg-1"}]),
    ],
)
def test_each_difference_is_told_and_no_other(trait: str, other: object) -> None:
    had, has = seen(), seen(**{trait: other})
    assert [name for name in TRAITS if had[name] != has[name]] == [trait]


@pytest.mark.parametrize("protected", [True, False])
def test_protection_is_told_as_rds_says_it_and_as_the_estate_means_it(protected: bool) -> None:
    place = load_estate(ESTATE).database(Role.PRIMARY_DATABASE)
    watched = SimpleNamespace(describe_alarms=lambda: {"MetricAlarms": []})
    aws = cast(Aws, SimpleNamespace(cloudwatch=lambda region: watched))
    found = protection(aws, place, cast(Any, SHOWN | {"DeletionProtection": protected}), Stage.BASELINE)
    assert found.deletion_protection is protected
    assert (found.multi_az, found.parameter_group, found.groups) == (True, "params", ("sg-1", "sg-2"))
    assert found.meant_groups == (place.security_group,)
