"""How two instances differ, whatever RDS does not say of one of them."""

from __future__ import annotations

from typing import Any, cast

import pytest

from harness.probes.instances import TRAITS, traits, untouched

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


def test_what_serves_is_untouched_when_something_new_stands_beside_it() -> None:
    before = {"database": "large", "record": "to it"}
    assert untouched(before, before | {"restored": "large"}).ok
    assert not untouched(before, before | {"database": "small"}).ok
    gone = untouched(before, {"database": "large"})
    assert not gone.ok
    assert gone.detail == "record"
