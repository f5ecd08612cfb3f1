"""Calls that return long before their work is done: which resource is then not ready, and who must wait for it.

Sources: the API references of Amazon RDS and Amazon ElastiCache, where each of these answers with a resource that is
`creating`, `modifying`, `rebooting` or the like.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Settling:
    """What a call leaves unsettled: the (dotted) parameter that names it, and whether clients are led there then."""

    named_by: str
    serves: bool = False


_INSTANCE, _GROUP = "DBInstanceIdentifier", "ReplicationGroupId"
SETTLES: Mapping[str, Settling] = {
    "PromoteReadReplica": Settling(_INSTANCE, serves=True),
    "SwitchoverReadReplica": Settling(_INSTANCE, serves=True),
    "CreateDBInstance": Settling(_INSTANCE, serves=True),
    "CreateDBInstanceReadReplica": Settling(_INSTANCE, serves=True),
    "RestoreDBInstanceFromDBSnapshot": Settling(_INSTANCE, serves=True),
    "RestoreDBInstanceToPointInTime": Settling("TargetDBInstanceIdentifier", serves=True),
    "StartRestoreJob": Settling("Metadata.DBInstanceIdentifier", serves=True),
    "StartDBInstance": Settling(_INSTANCE, serves=True),
    "RebootDBInstance": Settling(_INSTANCE, serves=True),
    "ModifyDBInstance": Settling(_INSTANCE),
    "CreateDBSnapshot": Settling("DBSnapshotIdentifier"),
    "CopyDBSnapshot": Settling("TargetDBSnapshotIdentifier"),
    "CreateReplicationGroup": Settling(_GROUP, serves=True),
    "DisassociateGlobalReplicationGroup": Settling(_GROUP, serves=True),
    "FailoverGlobalReplicationGroup": Settling("PrimaryReplicationGroupId", serves=True),
    "ModifyReplicationGroup": Settling(_GROUP),
    "TestFailover": Settling(_GROUP),
    "CreateSnapshot": Settling("SnapshotName"),
    "CopySnapshot": Settling("TargetSnapshotName"),
}


def made_as(operation: str) -> str:
    """The parameter by which later calls name what this one leaves; empty where it leaves nothing."""
    settling = SETTLES.get(operation)
    return settling.named_by.rsplit(".", 1)[-1].removeprefix("Target") if settling else ""


def left_unsettled(operation: str, params: Mapping[str, Any]) -> str:
    """The name of the resource that is not ready after this call; empty where it leaves none."""
    settling, found = SETTLES.get(operation), params
    for key in settling.named_by.split(".") if settling else ():
        found = found.get(key, {})
    return str(found) if settling and found else ""
