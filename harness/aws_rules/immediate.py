"""Changes that are done when their answer comes, or so soon after that no recovery waits for them.

A change that stands neither here nor in `durations.OF_OPERATION` takes nobody knows how long, and a forecast with it is
incomplete. Sources: the API references: each of these answers with the finished thing, or with nothing to wait for.
"""

from __future__ import annotations

IMMEDIATE = frozenset(
    {
        # tags
        "AddTagsToResource", "RemoveTagsFromResource", "ChangeTagsForResource", "CreateTags", "DeleteTags",
        "TagResource", "UntagResource", "AddTags", "RemoveTags",
        # settings and secrets: read by tasks when they start
        "PutParameter", "DeleteParameter", "DeleteParameters", "CreateSecret", "PutSecretValue", "UpdateSecret",
        "DeleteSecret", "RestoreSecret", "UpdateSecretVersionStage",
        # definitions that come to life with the call that uses them
        "RegisterTaskDefinition", "DeregisterTaskDefinition", "CreateDBSubnetGroup", "CreateCacheSubnetGroup",
        "CreateSecurityGroup", "DeleteDBParameterGroup", "DeleteDBSubnetGroup", "DeleteSecurityGroup",
        "CreateBackupVault", "DeleteBackupVault", "CreateBackupPlan", "CreateBackupSelection",
        "CreateRestoreTestingPlan", "CreateRestoreTestingSelection",
        # copies that are given up; nothing is to come of it
        "DeleteDBSnapshot", "DeleteDBInstanceAutomatedBackup", "DeleteSnapshot", "DeleteRecoveryPoint",
        # metrics and alarms
        "PutMetricData", "PutMetricAlarm", "SetAlarmState", "DeleteAlarms", "EnableAlarmActions", "DisableAlarmActions",
        # routing by a load balancer that is there
        "ModifyListener", "ModifyRule", "SetRulePriorities",
        # objects: consistent from the answer on (S3 User Guide, Amazon S3 data consistency model)
        "PutObject", "CopyObject", "DeleteObject", "DeleteObjects", "CreateMultipartUpload", "UploadPart",
        "UploadPartCopy", "CompleteMultipartUpload", "AbortMultipartUpload", "CreateBucket",
        # who asks, and what is told to people and logs
        "AssumeRole", "Publish", "Subscribe", "CreateTopic", "CreateLogGroup", "CreateLogStream", "PutLogEvents",
    }
)  # fmt: skip
