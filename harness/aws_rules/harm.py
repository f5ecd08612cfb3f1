"""Changes that nothing takes back, or that open a door: a recovery has few of them to make."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

_DESTROYS = re.compile(r"^(Delete|Remove|Terminate|Deregister|Purge|Cancel|Detach|Disassociate|Disable|Stop|Reboot)")
_HARMLESS = frozenset({"RemoveTagsFromResource", "DeleteBucketTagging", "DeleteObjectTagging"})
OPENS = frozenset(
    {"AuthorizeSecurityGroupIngress", "ModifyDBSnapshotAttribute", "PutBucketPolicy", "PutBucketAcl", "PutObjectAcl"}
)
"""Changes after which somebody gets in who did not before."""
OBJECTS = frozenset({"DeleteObject", "DeleteObjects", "PutObject", "CopyObject"})
"""What is deleted or overwritten within something; whose that is has to be known."""
TURNS = frozenset(
    {
        "PromoteReadReplica", "SwitchoverReadReplica", "FailoverGlobalReplicationGroup",
        "DisassociateGlobalReplicationGroup", "TestFailover", "StopDBInstance", "RebootDBInstance",
        "PutBucketVersioning", "PutBucketReplication", "DeleteBucketReplication", "StopTask",
    }
)  # fmt: skip
"""Changes of what something is or does, which a recovery may make of what it is about."""


def _records(params: Mapping[str, Any]) -> tuple[str, ...]:
    changes = params.get("ChangeBatch", {}).get("Changes", ())
    return tuple(str(change.get("ResourceRecordSet", {}).get("Name", "")).rstrip(".") for change in changes)


_LEADS: Mapping[str, Callable[[Mapping[str, Any]], tuple[str, ...]]] = {
    "ChangeResourceRecordSets": _records,
    "PutParameter": lambda params: (params.get("Name", ""),),
    "PutSecretValue": lambda params: (params.get("SecretId", ""),),
    "UpdateSecret": lambda params: (params.get("SecretId", ""),),
    "UpdateService": lambda params: (params.get("cluster", ""), params.get("service", "")),
}
"""Changes of where clients are led, or of how something serves, and the names of what they change."""


def led(operation: str, params: Mapping[str, Any]) -> tuple[str, ...]:
    """What serves otherwise after that call: records, settings, secrets, a service and its cluster; none where none."""
    return _LEADS[operation](params) if operation in _LEADS else ()


def destroys(operation: str) -> bool:
    """Whether something is gone after that call."""
    return bool(_DESTROYS.match(operation)) and operation not in _HARMLESS | OBJECTS | TURNS
