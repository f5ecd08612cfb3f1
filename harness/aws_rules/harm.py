"""Changes that nothing takes back, or that open a door: a recovery has few of them to make."""

from __future__ import annotations

import re

_DESTROYS = re.compile(
    r"^(Delete|Remove|Terminate|Deregister|Purge|Cancel|Detach|Disassociate|Disable|Schedule|Stop|Reboot)"
)
_HARMLESS = frozenset({"RemoveTagsFromResource", "DeleteBucketTagging", "DeleteObjectTagging"})
OPENS = frozenset(
    {
        "AuthorizeSecurityGroupIngress",
        "ModifyDBSnapshotAttribute",
        "PutBucketPolicy",
        "PutBucketAcl",
        "PutObjectAcl",
        "PutPublicAccessBlock",
        "CreateUser",
        "CreateRole",
        "CreateAccessKey",
        "CreateLoginProfile",
        "PutUserPolicy",
        "PutRolePolicy",
        "PutGroupPolicy",
        "AttachUserPolicy",
        "AttachRolePolicy",
        "AttachGroupPolicy",
        "AddUserToGroup",
        "UpdateAssumeRolePolicy",
        "CreatePolicyVersion",
        "PutKeyPolicy",
        "CreateGrant",
    }
)
"""Changes after which somebody gets in who did not before."""
OBJECTS = frozenset({"DeleteObject", "DeleteObjects", "PutObject", "CopyObject"})
"""What is deleted or overwritten within something; whose that is has to be known."""
TURNS = frozenset(
    {
        "PromoteReadReplica", "SwitchoverReadReplica", "FailoverGlobalReplicationGroup",
        "DisassociateGlobalReplicationGroup", "TestFailover", "StopDBInstance", "RebootDBInstance",
        "PutBucketVersioning", "PutBucketReplication", "DeleteBucketReplication", "StopTask",
        "RevokeSecurityGroupIngress", "ModifySecurityGroupRules", "SetSecurityGroups", "ModifyTargetGroup",
        "ModifyDBParameterGroup", "ModifyCacheParameterGroup", "UpdateBackupPlan", "UpdateRecoveryPointLifecycle",
        "PutBackupVaultAccessPolicy", "SetAlarmState", "PutBucketLifecycleConfiguration",
    }
)  # fmt: skip
"""Changes of what something is or does, which a recovery may make of what it is about."""
REPLACES = frozenset({"PutMetricAlarm"})
"""What makes an alarm, or puts it in the place of the one of that name."""


def destroys(operation: str) -> bool:
    """Whether something is gone after that call."""
    return bool(_DESTROYS.match(operation)) and operation not in _HARMLESS | OBJECTS | TURNS
