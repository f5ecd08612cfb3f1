"""Damage that a recovery does beside what it is about is found in its calls, however well it went."""

from __future__ import annotations

import dataclasses

import pytest

from harness.facts import CallMade
from harness.objectives import Outcome
from harness.verdict import judge
from harness.verdict.collateral import harmful
from tests.unit.verdict.good import altered, call, record

ABOUT = ("db", "uploads", "datastore", "cluster", "service", "/labelmint/database", "db.labelmintit.com", "sg-db")


def made(operation: str, *names: str, **params: object) -> CallMade:
    return call(operation, 1, resources=names, params=params or {"any": "thing"})


def changed(*names: str) -> dict[str, object]:
    return {"Changes": [{"Action": "UPSERT", "ResourceRecordSet": {"Name": name}} for name in names]}


@pytest.mark.parametrize(
    "harm",
    [
        made("DeleteDBInstance", "another"),
        made("DeleteDBInstance", "db"),
        made("DeleteRecoveryPoint", "vault", "arn:aws:rds:us-east-1:1:snapshot:db"),
        made("DeleteAlarms", "connections-lost"),
        made("AuthorizeSecurityGroupIngress", "sg-1"),
        made("PromoteReadReplica", "another"),
        made("DeleteObject", "another-bucket"),
        made("CopyObject", "another-bucket"),
        made("PutBucketVersioning", "another-bucket"),
        made("ModifyDBInstance", "another", DBInstanceIdentifier="another", DeletionProtection=False),
        made("DeleteBucket"),
        made("ScheduleKeyDeletion", "key"),
        made("PutBucketLifecycleConfiguration", "another-bucket"),
        made("PutPublicAccessBlock", "uploads"),
        made("CreateUser", "somebody"),
        made("AttachRolePolicy", "role"),
        made("StopTask", "cluster", "task"),
        made("DisassociateGlobalReplicationGroup", "abcde-other", "db"),
        made("PutParameter", Name="/labelmint/billing/endpoint"),
        made("UpdateService", "service", cluster="another", service="service"),
        made("UpdateService", "cluster", cluster="cluster", service="another"),
        made("PutSecretValue", SecretId="another"),
        made("RevokeSecurityGroupIngress", "sg-1"),
        made("ChangeResourceRecordSets", "zone", ChangeBatch=changed("db.labelmintit.com.", "www.labelmintit.com.")),
    ],
    ids=lambda one: one.operation,
)
def test_harm_to_something_else_is_found(harm: CallMade) -> None:
    """Nothing that was there before may be deleted, not even what the drill is about."""
    assert [said.split()[0] for said in harmful([harm], ABOUT)] == [harm.operation]


@pytest.mark.parametrize(
    "calls",
    [
        [made("PromoteReadReplica", "db")],
        [made("DeleteObject", "uploads")],
        [made("FailoverGlobalReplicationGroup", "abcde-datastore", "db")],
        [made("RevokeSecurityGroupIngress", "sg-db")],
        [made("ModifyDBInstance", "db", "sg-2", DBInstanceIdentifier="db", VpcSecurityGroupIds=["sg-2"])],
        [
            made("StartRestoreJob", "arn", "new", Metadata={"DBInstanceIdentifier": "new"}),
            made("DeleteDBInstance", "new", DBInstanceIdentifier="new"),
        ],
        [made("RemoveTagsFromResource", "another")],
        [made("PutParameter", Name="/labelmint/database/endpoint")],
        [made("UpdateService", cluster="cluster", service="service")],
        [made("ChangeResourceRecordSets", "zone", ChangeBatch=changed("db.labelmintit.com."))],
    ],
)
def test_what_the_recovery_made_or_is_about_is_its_own(calls: list[CallMade]) -> None:
    assert not list(harmful(calls, ABOUT))


def test_what_a_call_only_names_was_not_made_by_it() -> None:
    """A restore names its source too."""
    named = {"DBInstanceIdentifier": "new", "DBSnapshotIdentifier": "snapshot"}
    restore = made("RestoreDBInstanceFromDBSnapshot", "new", "snapshot", **named)
    assert list(harmful([restore, made("DeleteDBSnapshot", "snapshot")], ABOUT))


def test_what_was_made_is_known_by_its_whole_name_and_region() -> None:
    """Neither its namesake in the other region nor what ends like it was made by the recovery."""
    copied = made("CopyDBSnapshot", "snap", TargetDBSnapshotIdentifier="snap")
    gone = made("DeleteDBSnapshot", "snap", DBSnapshotIdentifier="snap")
    assert not list(harmful([copied, gone], ABOUT))
    assert list(harmful([copied, dataclasses.replace(gone, region="us-west-2")], ABOUT))
    short = made("CreateDBSnapshot", "enhanced", DBSnapshotIdentifier="enhanced")
    long = "labelmint-enhanced"
    assert list(harmful([short, made("DeleteDBInstance", long, DBInstanceIdentifier=long)], ABOUT))


def test_a_namesake_of_another_kind_was_not_made() -> None:
    """A snapshot that is called like a group does not make the group one's own."""
    snapshot = made("CreateSnapshot", "group", ReplicationGroupId="live", SnapshotName="group")
    assert list(harmful([snapshot, made("DeleteReplicationGroup", "group", ReplicationGroupId="group")], ABOUT))
    assert not list(harmful([snapshot, made("DeleteSnapshot", "group", SnapshotName="group")], ABOUT))


def test_who_puts_another_alarm_in_the_place_of_one_does_harm() -> None:
    """A new one beside it is what a recovery owes to what takes over."""
    alarm = made("PutMetricAlarm", AlarmName="connections-lost")
    assert list(harmful([alarm], ABOUT, alarms=("connections-lost",)))
    assert not list(harmful([alarm], ABOUT, alarms=("cpu-high",)))


def test_a_drill_whose_recovery_did_harm_fails() -> None:
    first = altered(CallMade, operation="DeleteAlarms", resources=("alarm",), mutates=True)
    assert judge(record(first)).of("collateral") is Outcome.FAIL
