"""What is restored is asked for as the original is described, not as anybody remembers it."""

from __future__ import annotations

import json
from typing import Any, cast

from harness.recovery.restore_database import like

ORIGINAL: dict[str, Any] = {
    "DBInstanceIdentifier": "original",
    "DBInstanceClass": "db.r6g.large",
    "MultiAZ": True,
    "AutoMinorVersionUpgrade": True,
    "CopyTagsToSnapshot": False,
    "PubliclyAccessible": False,
    "DBParameterGroups": [{"DBParameterGroupName": "params"}],
    "DBSubnetGroup": {"DBSubnetGroupName": "subnets"},
    "VpcSecurityGroups": [{"VpcSecurityGroupId": "sg-1"}, {"VpcSecurityGroupId": "sg-2"}],
}


def test_class_and_groups_and_flags_are_the_originals_and_name_and_standby_are_not() -> None:
    assert like(cast(Any, ORIGINAL), "copy") == {
        "DBInstanceIdentifier": "copy",
        "DBInstanceClass": "db.r6g.large",
        "DBParameterGroupName": "params",
        "DBSubnetGroupName": "subnets",
        "VpcSecurityGroupIds": json.dumps(["sg-1", "sg-2"]),
        "MultiAZ": "false",
        "AutoMinorVersionUpgrade": "true",
        "CopyTagsToSnapshot": "false",
        "PubliclyAccessible": "false",
    }
