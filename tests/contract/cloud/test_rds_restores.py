"""RDS backs instances up and restores them as AWS does, and what it restores is really what was there."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from harness import dial
from harness.cloud.services.ec2 import Ec2
from harness.cloud.services.rds import Rds
from harness.cloud.services.ssm import Ssm
from harness.estate import Role
from harness.machines.postgres import PostgresServer
from harness.wait import until
from tests.contract.cloud.raising import DR_REPLICA, EAST, PRIMARY, REPLICA, WEST, Raised, raised, refusal

SOON = timedelta(seconds=20)
GROUP = "sg-0a1b2c3d4e5f60001"


@pytest.fixture(scope="module")
def estate() -> Iterator[Raised]:
    with raised(Rds, Ec2, Ssm, pace=0.001) as made:
        yield made


def note(estate: Raised, text: str, identifier: str = PRIMARY) -> datetime:
    """Commit a row as the database's owner; returns a moment after it that no later commit shares."""
    with estate.machine(identifier).server.admin() as session:
        session.execute("INSERT INTO task_submissions (project_id, user_id, payload) VALUES (1, 1, %s)", [text])
        row = session.execute("SELECT clock_timestamp()").fetchone()
    assert row
    assert isinstance(row[0], datetime)
    return row[0]


def notes(server: PostgresServer, like: str) -> list[object]:
    with server.admin() as session:
        found = session.execute("SELECT payload FROM task_submissions WHERE payload LIKE %s ORDER BY id", [like])
        return [row[0] for row in found]


def archived(estate: Raised, since: datetime) -> None:
    """Return when the instance can be restored to a moment after that one."""
    with estate.machine(PRIMARY).server.admin() as session:
        session.execute("UPDATE drill.written SET at = clock_timestamp()")
        session.execute("SELECT pg_switch_wal()")
    until("it is archived", lambda: estate.instance(PRIMARY)["LatestRestorableTime"] > since, within=SOON)


def snapshot(estate: Raised, name: str, identifier: str = PRIMARY) -> dict[str, Any]:
    rds = estate.aws.rds()
    rds.create_db_snapshot(DBSnapshotIdentifier=name, DBInstanceIdentifier=identifier)
    rds.get_waiter("db_snapshot_available").wait(
        DBSnapshotIdentifier=name,
        WaiterConfig={"Delay": 0.05, "MaxAttempts": 400},  # type: ignore[typeddict-item]
    )
    estate.wait_status(identifier, "available")
    return dict(rds.describe_db_snapshots(DBSnapshotIdentifier=name)["DBSnapshots"][0])


def estate_snapshot(estate: Raised, name: str) -> dict[str, Any]:
    return dict(estate.aws.rds().describe_db_snapshots(DBSnapshotIdentifier=name)["DBSnapshots"][0])


def gone_for_good(estate: Raised, identifier: str) -> None:
    """Return when RDS no longer lists the instance."""

    def names() -> list[str]:
        return [one["DBInstanceIdentifier"] for one in estate.aws.rds().describe_db_instances()["DBInstances"]]

    until(f"{identifier} is gone", lambda: identifier not in names(), within=SOON)


def lets_application_in(estate: Raised, identifier: str) -> bool:
    endpoint, login = estate.instance(identifier)["Endpoint"], estate.cloud.service(Rds).login()
    parameters = dial.conninfo(
        estate.cloud.directory, endpoint["Address"], endpoint["Port"],
        user=login.user, password=login.password, database=login.database,
    )  # fmt: skip
    try:
        psycopg.connect(**parameters).close()  # type: ignore[arg-type]
    except psycopg.OperationalError:
        return False
    return True


def test_the_estate_has_an_automated_snapshot_of_what_is_backed_up(estate: Raised) -> None:
    """Named by RDS, and none of replicas, whose retention period is 0."""
    rds = estate.aws.rds()
    found = rds.describe_db_snapshots(SnapshotType="automated")["DBSnapshots"]

    assert [one["DBInstanceIdentifier"] for one in found] == [PRIMARY]
    assert found[0]["DBSnapshotIdentifier"] == f"rds:{PRIMARY}-{found[0]['SnapshotCreateTime']:%Y-%m-%d-%H-%M}"
    assert (found[0]["Status"], found[0]["PercentProgress"], found[0]["Encrypted"]) == ("available", 100, False)
    assert rds.describe_db_snapshots(DBInstanceIdentifier=REPLICA)["DBSnapshots"] == []
    assert rds.describe_db_snapshots(SnapshotType="manual", DBInstanceIdentifier=REPLICA)["DBSnapshots"] == []
    assert estate.aws.rds(WEST).describe_db_snapshots()["DBSnapshots"] == []
    assert "LatestRestorableTime" not in estate.instance(REPLICA)


def test_a_snapshot_takes_its_time_and_its_instance_is_backing_up(estate: Raised) -> None:
    rds = estate.aws.rds()
    with estate.slowed():
        answer = rds.create_db_snapshot(
            DBSnapshotIdentifier="Slow-One", DBInstanceIdentifier=PRIMARY, Tags=[{"Key": "team", "Value": "devops"}]
        )["DBSnapshot"]
    again = refusal(lambda: rds.create_db_snapshot(DBSnapshotIdentifier="other", DBInstanceIdentifier=PRIMARY))
    now = rds.describe_db_snapshots(DBSnapshotIdentifier="slow-one")["DBSnapshots"][0]

    assert (answer["Status"], answer["DBSnapshotIdentifier"], answer["SnapshotType"]) == (
        "creating",
        "slow-one",
        "manual",
    )
    assert "SnapshotCreateTime" not in now
    assert estate.instance(PRIMARY)["DBInstanceStatus"] == "backing-up"
    assert again[0] == "InvalidDBInstanceState"
    until(
        "it is there",
        lambda: rds.describe_db_snapshots(DBSnapshotIdentifier="slow-one")["DBSnapshots"][0]["Status"] == "available",
        within=SOON,
    )
    estate.wait_status(PRIMARY, "available")
    assert rds.list_tags_for_resource(ResourceName=answer["DBSnapshotArn"])["TagList"] == [
        {"Key": "team", "Value": "devops"}
    ]
    same = refusal(lambda: rds.create_db_snapshot(DBSnapshotIdentifier="slow-one", DBInstanceIdentifier=PRIMARY))
    assert same[:2] == ("DBSnapshotAlreadyExists", 400)
    messages = [event["Message"] for event in rds.describe_events(SourceIdentifier=PRIMARY)["Events"]]
    assert {"Backing up DB instance", "Finished DB Instance backup"} <= set(messages)


def test_snapshots_are_found_in_pages_and_deleted(estate: Raised) -> None:
    rds = estate.aws.rds()
    snapshot(estate, "gone-soon")

    unknown = refusal(lambda: rds.describe_db_snapshots(DBSnapshotIdentifier="nobody"))
    assert unknown[:2] == ("DBSnapshotNotFound", 404)
    assert refusal(lambda: rds.describe_db_snapshots(MaxRecords=5))[0] == "InvalidParameterValue"
    pages = rds.get_paginator("describe_db_snapshots").paginate(DBInstanceIdentifier=PRIMARY)
    assert "gone-soon" in [one["DBSnapshotIdentifier"] for page in pages for one in page["DBSnapshots"]]
    rds.delete_db_snapshot(DBSnapshotIdentifier="gone-soon")
    assert refusal(lambda: rds.delete_db_snapshot(DBSnapshotIdentifier="gone-soon"))[:2] == ("DBSnapshotNotFound", 404)
    automated = rds.describe_db_snapshots(SnapshotType="automated")["DBSnapshots"][0]["DBSnapshotIdentifier"]
    assert refusal(lambda: rds.delete_db_snapshot(DBSnapshotIdentifier=automated))[0] == "InvalidDBSnapshotState"
    bad = refusal(lambda: rds.create_db_snapshot(DBSnapshotIdentifier="a--b", DBInstanceIdentifier=PRIMARY))
    assert bad[0] == "InvalidParameterValue"


def test_a_restored_snapshot_is_an_instance_of_its_own(estate: Raised) -> None:
    """It holds what was there when the snapshot was taken; in the default group nobody reaches it."""
    note(estate, "snap 1")
    snapshot(estate, "before-two")
    note(estate, "snap 2")
    rds = estate.aws.rds()

    answer = rds.restore_db_instance_from_db_snapshot(
        DBInstanceIdentifier="Restored-One", DBSnapshotIdentifier="before-two", DBInstanceClass="db.r6g.xlarge"
    )["DBInstance"]
    assert (answer["DBInstanceStatus"], answer["DBInstanceIdentifier"]) == ("creating", "restored-one")
    assert "Endpoint" not in answer
    estate.wait_status("restored-one", "available")
    restored = estate.instance("restored-one")

    assert notes(estate.machine("restored-one").server, "snap %") == ["snap 1"]
    assert estate.machine("restored-one").accepts_writes()
    assert (restored["DBInstanceClass"], restored["MultiAZ"]) == ("db.r6g.xlarge", False)
    assert (restored["BackupRetentionPeriod"], restored["DeletionProtection"]) == (35, False)
    assert restored["DBParameterGroups"][0]["DBParameterGroupName"] == "default.postgres18"
    default = estate.aws.ec2().describe_security_groups(GroupNames=["default"])["SecurityGroups"][0]
    assert [group["VpcSecurityGroupId"] for group in restored["VpcSecurityGroups"]] == [default["GroupId"]]
    assert not lets_application_in(estate, "restored-one")
    assert restored["TagList"] == [], "a drill may strike only what the estate was raised with"
    service = estate.cloud.service(Rds)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(service, "instances", [service.instances.find(EAST, "restored-one")])
        assert service.target(Role.PRIMARY_DATABASE) is None, "it is in no place of the estate"

    changed = rds.modify_db_instance(
        DBInstanceIdentifier="restored-one", VpcSecurityGroupIds=[GROUP], ApplyImmediately=True
    )["DBInstance"]
    joining = {"VpcSecurityGroupId": GROUP, "Status": "adding"}
    assert changed["VpcSecurityGroups"] == [joining], "until it is active, the old ones decide"
    active = [{**joining, "Status": "active"}]
    decides = lambda: bool(estate.instance("restored-one")["VpcSecurityGroups"] == active)  # noqa: E731
    until("the new group decides", decides, within=SOON)
    assert lets_application_in(estate, "restored-one")
    taken = refusal(
        lambda: rds.restore_db_instance_from_db_snapshot(
            DBInstanceIdentifier="restored-one", DBSnapshotIdentifier="before-two"
        )
    )
    said = [event["Message"] for event in rds.describe_events(SourceIdentifier="restored-one")["Events"]]
    assert said[0] == "Restored from snapshot before-two"
    assert taken[:2] == ("DBInstanceAlreadyExists", 400)


def test_a_restored_snapshot_of_a_replica_takes_writes_and_follows_nobody(estate: Raised) -> None:
    rds = estate.aws.rds()
    snapshot(estate, "of-replica", REPLICA)
    rds.restore_db_instance_from_db_snapshot(
        DBInstanceIdentifier="once-a-replica", DBSnapshotIdentifier="of-replica", VpcSecurityGroupIds=[GROUP]
    )
    estate.wait_status("once-a-replica", "available")
    assert estate.machine("once-a-replica").accepts_writes()
    assert "ReadReplicaSourceDBInstanceIdentifier" not in estate.instance("once-a-replica")
    note(estate, "copy 1", "once-a-replica")
    note(estate, "copy 2")
    assert notes(estate.machine("once-a-replica").server, "copy %") == ["copy 1"]
    rds.delete_db_instance(DBInstanceIdentifier="once-a-replica", SkipFinalSnapshot=True)
    gone_for_good(estate, "once-a-replica")


def test_a_restored_instance_has_the_standby_and_backups_that_it_is_asked_for(estate: Raised) -> None:
    rds = estate.aws.rds()
    first = rds.describe_db_snapshots(SnapshotType="automated")["DBSnapshots"][0]["DBSnapshotIdentifier"]
    rds.restore_db_instance_from_db_snapshot(
        DBInstanceIdentifier="guarded", DBSnapshotIdentifier=first, MultiAZ=True, VpcSecurityGroupIds=[GROUP]
    )
    estate.wait_status("guarded", "available")

    assert lets_application_in(estate, "guarded")
    with estate.machine("guarded").server.admin() as session:
        assert session.execute("SELECT sync_state FROM pg_stat_replication").fetchall() == [("sync",)]
    mine = rds.describe_db_snapshots(DBInstanceIdentifier="guarded")["DBSnapshots"]
    assert [one["SnapshotType"] for one in mine] == ["automated"]
    estate.machine("guarded").kill()
    until("it failed over", estate.machine("guarded").accepts_writes, within=SOON)

    estate.wait_status("guarded", "available")
    rds.delete_db_instance(DBInstanceIdentifier="guarded", SkipFinalSnapshot=True)
    gone_for_good(estate, "guarded")
    assert rds.describe_db_snapshots(DBInstanceIdentifier="guarded")["DBSnapshots"] == []


def test_what_a_restore_needs_has_to_exist(estate: Raised) -> None:
    """moto takes any security group."""
    rds = estate.aws.rds()
    first = rds.describe_db_snapshots(SnapshotType="automated")["DBSnapshots"][0]["DBSnapshotIdentifier"]

    def refused(**params: Any) -> tuple[str, int]:
        asked = {"DBInstanceIdentifier": "never", "DBSnapshotIdentifier": first, **params}
        return refusal(lambda: rds.restore_db_instance_from_db_snapshot(**asked))[:2]

    rds.create_db_parameter_group(DBParameterGroupName="old", DBParameterGroupFamily="postgres16", Description="old")
    assert refused(DBSnapshotIdentifier="nobody") == ("DBSnapshotNotFound", 404)
    assert refused(DBParameterGroupName="nobody") == ("DBParameterGroupNotFound", 404)
    assert refused(DBParameterGroupName="old") == ("InvalidParameterCombination", 400)
    assert refused(DBSubnetGroupName="nobody") == ("DBSubnetGroupNotFoundFault", 404)
    assert refused(VpcSecurityGroupIds=["sg-nobody"]) == ("InvalidParameterValue", 400)
    assert refused(DBInstanceIdentifier="9") == ("InvalidParameterValue", 400)
    assert refused(DBInstanceIdentifier=PRIMARY) == ("DBInstanceAlreadyExists", 400)
    assert refused(Iops=3000)[1] == 501
    elsewhere = refusal(
        lambda: estate.aws.rds(WEST).restore_db_instance_from_db_snapshot(
            DBInstanceIdentifier="never", DBSnapshotIdentifier=first
        )
    )
    assert elsewhere[:2] == ("DBSnapshotNotFound", 404)


def test_a_point_in_time_is_met_to_the_commit(estate: Raised) -> None:
    note(estate, "pitr 1")
    moment = note(estate, "pitr 2")
    after = note(estate, "pitr 3")
    archived(estate, after)
    rds = estate.aws.rds()

    answer = rds.restore_db_instance_to_point_in_time(
        SourceDBInstanceIdentifier=PRIMARY, TargetDBInstanceIdentifier="in-time", RestoreTime=moment,
        VpcSecurityGroupIds=[GROUP],
    )["DBInstance"]  # fmt: skip
    estate.wait_status("in-time", "available")

    assert answer["DBInstanceStatus"] == "creating"
    assert "ReadReplicaSourceDBInstanceIdentifier" not in answer
    assert notes(estate.machine("in-time").server, "pitr %") == ["pitr 1", "pitr 2"]
    assert lets_application_in(estate, "in-time")


def test_times_that_cannot_be_restored_are_refused(estate: Raised) -> None:
    """moto takes a future time, and both times at once."""
    rds = estate.aws.rds()
    future, past = datetime.now(UTC) + timedelta(hours=1), datetime.now(UTC) - timedelta(days=40)

    def refused(source: str = PRIMARY, **params: Any) -> str:
        return refusal(
            lambda: rds.restore_db_instance_to_point_in_time(
                SourceDBInstanceIdentifier=source, TargetDBInstanceIdentifier="never", **params
            )
        )[0]

    assert refused(RestoreTime=future) == "InvalidParameterValue"
    assert refused(RestoreTime=past) == "InvalidParameterValue"
    assert refused(RestoreTime=future, UseLatestRestorableTime=True) == "InvalidParameterCombination"
    assert refused() == "InvalidParameterCombination"
    assert refused(REPLICA, UseLatestRestorableTime=True) == "PointInTimeRestoreNotEnabled"
    assert refused("nobody", UseLatestRestorableTime=True) == "DBInstanceNotFound"
    assert refused(RestoreTime=future.replace(year=2000), DBParameterGroupName="nobody") == "InvalidParameterValue"


def test_automated_backups_tell_from_when_to_when(estate: Raised) -> None:
    rds = estate.aws.rds()
    after = note(estate, "window")
    archived(estate, after)
    found = rds.describe_db_instance_automated_backups(DBInstanceIdentifier=PRIMARY)["DBInstanceAutomatedBackups"][0]

    assert found["Status"] == "active"
    assert found["RestoreWindow"]["EarliestTime"] < after < found["RestoreWindow"]["LatestTime"]
    assert found["RestoreWindow"]["LatestTime"] <= datetime.now(UTC)
    unknown = refusal(lambda: rds.describe_db_instance_automated_backups(DBInstanceIdentifier="nobody"))
    assert unknown[:2] == ("DBInstanceAutomatedBackupNotFound", 404)
    replication = refusal(
        lambda: rds.start_db_instance_automated_backups_replication(SourceDBInstanceArn=found["DBInstanceArn"])
    )
    assert replication[1] == 501


def test_a_snapshot_is_copied_to_the_other_region_and_restored_there(estate: Raised) -> None:
    note(estate, "far 1")
    source = snapshot(estate, "to-be-copied")
    west = estate.aws.rds(WEST)
    copied = west.copy_db_snapshot(
        SourceDBSnapshotIdentifier=source["DBSnapshotArn"], TargetDBSnapshotIdentifier="far", SourceRegion=EAST
    )["DBSnapshot"]
    until(
        "the copy is there",
        lambda: west.describe_db_snapshots(DBSnapshotIdentifier="far")["DBSnapshots"][0]["Status"] == "available",
        within=SOON,
    )
    estate.aws.rds().delete_db_snapshot(DBSnapshotIdentifier="to-be-copied")
    west.restore_db_instance_from_db_snapshot(
        DBInstanceIdentifier="far-away", DBSnapshotIdentifier="far", BackupRetentionPeriod=0
    )
    estate.wait_status("far-away", "available", WEST)

    assert (copied["SourceRegion"], copied["SourceDBSnapshotIdentifier"]) == (EAST, source["DBSnapshotArn"])
    assert notes(estate.machine("far-away").server, "far %") == ["far 1"]
    assert estate.instance("far-away", WEST)["AvailabilityZone"].startswith(WEST)
    assert "LatestRestorableTime" not in estate.instance("far-away", WEST)


def test_an_encrypted_snapshot_needs_a_key_of_the_region_that_it_goes_to(estate: Raised) -> None:
    east, west = estate.aws.rds(), estate.aws.rds(WEST)
    keys = {region: estate.aws.client("kms", region).create_key()["KeyMetadata"]["Arn"] for region in (EAST, WEST)}
    first = east.describe_db_snapshots(SnapshotType="automated")["DBSnapshots"][0]["DBSnapshotIdentifier"]
    made = east.copy_db_snapshot(
        SourceDBSnapshotIdentifier=first, TargetDBSnapshotIdentifier="secret", KmsKeyId=keys[EAST]
    )["DBSnapshot"]
    until("it is copied", lambda: estate_snapshot(estate, "secret")["Status"] == "available", within=SOON)

    def refused(**params: Any) -> str:
        return refusal(
            lambda: west.copy_db_snapshot(
                SourceDBSnapshotIdentifier=made["DBSnapshotArn"], TargetDBSnapshotIdentifier="secret", **params
            )
        )[0]

    assert (made["Encrypted"], made["KmsKeyId"]) == (True, keys[EAST])
    assert refused() == "InvalidParameterCombination"
    assert refused(KmsKeyId=keys[EAST]) == "KMSKeyNotAccessibleFault"
    assert refused(KmsKeyId="alias/nobody") == "KMSKeyNotAccessibleFault"
    there = west.copy_db_snapshot(
        SourceDBSnapshotIdentifier=made["DBSnapshotArn"], TargetDBSnapshotIdentifier="secret", KmsKeyId=keys[WEST]
    )["DBSnapshot"]
    assert (there["Encrypted"], there["KmsKeyId"]) == (True, keys[WEST])


def test_a_promoted_replica_can_be_restored_to_a_point_in_time_from_its_first_backup_on(estate: Raised) -> None:
    """Before it had a retention period there was nothing to restore it from."""
    rds = estate.aws.rds()
    rds.promote_read_replica(DBInstanceIdentifier=REPLICA, BackupRetentionPeriod=7)
    until(
        "it is backed up",
        lambda: rds.describe_db_snapshots(DBInstanceIdentifier=REPLICA, SnapshotType="automated")["DBSnapshots"],
        within=SOON,
    )
    until("it is there", lambda: estate.instance(REPLICA).get("LatestRestorableTime"), within=SOON)
    moment = note(estate, "promoted 1", REPLICA)
    note(estate, "promoted 2", REPLICA)
    with estate.machine(REPLICA).server.admin() as session:
        session.execute("SELECT pg_switch_wal()")
    until("it is archived", lambda: estate.instance(REPLICA)["LatestRestorableTime"] > moment, within=SOON)
    rds.restore_db_instance_to_point_in_time(
        SourceDBInstanceIdentifier=REPLICA, TargetDBInstanceIdentifier="of-promoted", RestoreTime=moment
    )
    estate.wait_status("of-promoted", "available")

    assert notes(estate.machine("of-promoted").server, "promoted %") == ["promoted 1"]


def test_of_a_deleted_instance_a_last_snapshot_and_retained_backups_stay(estate: Raised) -> None:
    rds = estate.aws.rds()
    first = rds.describe_db_snapshots(DBInstanceIdentifier=PRIMARY, SnapshotType="automated")["DBSnapshots"][0]
    rds.restore_db_instance_from_db_snapshot(
        DBInstanceIdentifier="short-lived", DBSnapshotIdentifier=first["DBSnapshotIdentifier"], BackupRetentionPeriod=3
    )
    estate.wait_status("short-lived", "available")
    note(estate, "short 1", "short-lived")
    resource = estate.instance("short-lived")["DbiResourceId"]
    neither = refusal(lambda: rds.delete_db_instance(DBInstanceIdentifier="short-lived"))

    rds.delete_db_instance(
        DBInstanceIdentifier="short-lived", FinalDBSnapshotIdentifier="short-last", DeleteAutomatedBackups=False
    )
    assert estate.instance("short-lived")["DBInstanceStatus"] == "deleting"
    gone_for_good(estate, "short-lived")

    assert neither[0] == "InvalidParameterCombination"
    rds.restore_db_instance_from_db_snapshot(DBInstanceIdentifier="short-lived", DBSnapshotIdentifier="short-last")
    estate.wait_status("short-lived", "available")
    assert notes(estate.machine("short-lived").server, "short %") == ["short 1"]
    kept = rds.describe_db_instance_automated_backups(DbiResourceId=resource)["DBInstanceAutomatedBackups"][0]
    assert kept["Status"] == "retained"
    rds.restore_db_instance_to_point_in_time(
        SourceDbiResourceId=resource, TargetDBInstanceIdentifier="short-again", UseLatestRestorableTime=True
    )
    estate.wait_status("short-again", "available")
    rds.delete_db_instance_automated_backup(DbiResourceId=resource)
    unknown = refusal(lambda: rds.describe_db_instance_automated_backups(DbiResourceId=resource))
    assert unknown[0] == "DBInstanceAutomatedBackupNotFound"


def test_an_instance_under_protection_is_not_deleted(estate: Raised) -> None:
    rds = estate.aws.rds()
    call = lambda: rds.delete_db_instance(DBInstanceIdentifier=DR_REPLICA, SkipFinalSnapshot=True)  # noqa: E731
    assert refusal(call)[:2] == ("DBInstanceNotFound", 404)
    protected = refusal(lambda: rds.delete_db_instance(DBInstanceIdentifier=PRIMARY, SkipFinalSnapshot=True))
    assert protected[:2] == ("InvalidParameterCombination", 400)


def test_a_lost_instance_is_restored_from_its_automated_backups(estate: Raised) -> None:
    """Snapshots and log are not in its storage: all that had been archived comes back, and no more was promised."""
    after = note(estate, "lost 1")
    archived(estate, after)
    machine = estate.machine(PRIMARY)
    promised = estate.instance(PRIMARY)["LatestRestorableTime"]
    machine.lose()
    estate.wait_status(PRIMARY, "failed")
    resource = estate.instance(PRIMARY)["DbiResourceId"]

    estate.aws.rds().restore_db_instance_to_point_in_time(
        SourceDbiResourceId=resource, TargetDBInstanceIdentifier="found-again", UseLatestRestorableTime=True
    )
    estate.wait_status("found-again", "available")

    assert estate.instance(PRIMARY)["LatestRestorableTime"] >= promised
    assert notes(estate.machine("found-again").server, "lost %") == ["lost 1"]
    machine.come_back()
    estate.wait_status(PRIMARY, "available")
