"""RDS answers and refuses as AWS does, where moto does not, and its replicas are real."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import boto3
import pytest
from moto import mock_aws

from harness.cloud.services.ec2 import Ec2
from harness.cloud.services.rds import Rds
from harness.cloud.services.ssm import Ssm
from harness.estate import Role
from harness.wait import until
from tests.contract.cloud.raising import DR_REPLICA, EAST, PRIMARY, REPLICA, WEST, Raised, raised, refusal


@pytest.fixture(scope="module")
def estate() -> Iterator[Raised]:
    with raised(Rds, Ec2, Ssm, pace=0.002) as made:
        yield made


def test_every_instance_of_the_estate_is_described_where_it_is(estate: Raised) -> None:
    """Identifiers, links, endpoint and port are what the application and the runbook rely on."""
    primary, replica, dr = estate.instance(PRIMARY), estate.instance(REPLICA), estate.instance(DR_REPLICA, WEST)

    assert [one["DBInstanceStatus"] for one in (primary, replica, dr)] == ["available"] * 3
    assert primary["MultiAZ"]
    assert not replica["MultiAZ"]
    assert primary["ReadReplicaDBInstanceIdentifiers"] == [REPLICA, dr["DBInstanceArn"]]
    assert replica["ReadReplicaSourceDBInstanceIdentifier"] == PRIMARY
    assert dr["ReadReplicaSourceDBInstanceIdentifier"] == primary["DBInstanceArn"]
    assert dr["AvailabilityZone"].startswith(WEST)
    assert replica["BackupRetentionPeriod"] == 0
    assert primary["Endpoint"]["Address"].endswith(f".{EAST}.rds.amazonaws.com")
    assert primary["Endpoint"]["Port"] == estate.cloud.addresses.ports[5432]
    assert estate.cloud.names.address(primary["Endpoint"]["Address"]) == estate.machine(PRIMARY).server.address


def test_instances_are_told_apart_by_filters(estate: Raised) -> None:
    rds = estate.aws.rds()
    by_id = rds.describe_db_instances(Filters=[{"Name": "db-instance-id", "Values": [REPLICA]}])["DBInstances"]

    assert [one["DBInstanceIdentifier"] for one in by_id] == [REPLICA]
    assert rds.describe_db_instances(Filters=[{"Name": "engine", "Values": ["mysql"]}])["DBInstances"] == []
    wrong = refusal(lambda: rds.describe_db_instances(Filters=[{"Name": "colour", "Values": ["red"]}]))
    assert wrong[0] == "InvalidParameterValue"


def test_an_unknown_instance_is_a_404_and_not_tried_again(estate: Raised) -> None:
    rds = estate.aws.rds()

    assert refusal(lambda: rds.describe_db_instances(DBInstanceIdentifier="nobody")) == ("DBInstanceNotFound", 404, 0)
    assert refusal(lambda: rds.promote_read_replica(DBInstanceIdentifier="nobody")) == ("DBInstanceNotFound", 404, 0)
    assert refusal(lambda: rds.modify_db_instance(DBInstanceIdentifier="nobody")) == ("DBInstanceNotFound", 404, 0)
    elsewhere = refusal(lambda: rds.describe_db_instances(DBInstanceIdentifier=DR_REPLICA))
    assert elsewhere == ("DBInstanceNotFound", 404, 0)


def test_there_are_no_clusters(estate: Raised) -> None:
    """The runbook asks for an Aurora cluster: RDS says that there is none."""
    rds = estate.aws.rds()
    cluster = "labelmintit-production-db-cluster"

    assert rds.describe_db_clusters()["DBClusters"] == []
    assert refusal(lambda: rds.describe_db_clusters(DBClusterIdentifier=cluster))[:2] == ("DBClusterNotFoundFault", 404)


def test_a_primary_cannot_be_promoted(estate: Raised) -> None:
    """moto promotes it."""
    call = lambda: estate.aws.rds().promote_read_replica(DBInstanceIdentifier=PRIMARY)  # noqa: E731

    assert refusal(call) == ("InvalidDBInstanceState", 400, 0)


def test_primaries_with_replicas_and_replicas_are_not_stopped(estate: Raised) -> None:
    rds = estate.aws.rds()

    assert refusal(lambda: rds.stop_db_instance(DBInstanceIdentifier=PRIMARY))[:2] == ("InvalidDBInstanceState", 400)
    assert refusal(lambda: rds.stop_db_instance(DBInstanceIdentifier=REPLICA))[:2] == ("InvalidDBInstanceState", 400)
    assert refusal(lambda: rds.start_db_instance(DBInstanceIdentifier=REPLICA))[:2] == ("InvalidDBInstanceState", 400)


def test_what_a_modification_does_not_do_is_a_501_and_not_a_silent_success(estate: Raised) -> None:
    call = lambda: estate.aws.rds().modify_db_instance(DBInstanceIdentifier=PRIMARY, StorageType="io1")  # noqa: E731

    assert refusal(call)[1] == 501


def test_resources_of_the_estate_may_be_struck_by_their_tag(estate: Raised) -> None:
    rds, arn = estate.aws.rds(), estate.instance(PRIMARY)["DBInstanceArn"]
    rds.add_tags_to_resource(ResourceName=arn, Tags=[{"Key": "team", "Value": "devops"}])

    tags = {tag["Key"]: tag["Value"] for tag in rds.list_tags_for_resource(ResourceName=arn)["TagList"]}
    assert tags == {"dr-drill": "allowed", "team": "devops"}


def test_commits_wait_for_the_hidden_standby(estate: Raised) -> None:
    """Multi-AZ is synchronous: a lost host loses nothing."""
    with estate.machine(PRIMARY).server.admin() as session:
        rows = session.execute("SELECT application_name, sync_state FROM pg_stat_replication").fetchall()

    assert (f"{PRIMARY}-standby", "sync") in rows
    assert {(REPLICA, "async"), (DR_REPLICA, "async")} <= set(rows)


def test_a_replica_says_whether_it_replicates(estate: Raised) -> None:
    """Cut off, it reports an error; restored, it replicates."""
    machine = estate.machine(Role.DR_DATABASE)

    machine.cut_replication()
    cut = estate.instance(DR_REPLICA, WEST)["StatusInfos"][0]
    machine.restore_replication()
    until("it streams", machine.is_receiving, within=timedelta(seconds=10))

    assert (cut["Normal"], cut["Status"]) == (False, "error")
    assert estate.instance(DR_REPLICA, WEST)["StatusInfos"][0]["Status"] == "replicating"


def test_a_reboot_takes_its_time_and_really_restarts(estate: Raised) -> None:
    def started() -> object:
        with estate.machine(REPLICA).server.admin() as session:
            return session.execute("SELECT pg_postmaster_start_time()").fetchone()

    before = started()
    answer = estate.aws.rds().reboot_db_instance(DBInstanceIdentifier=REPLICA)
    estate.wait_status(REPLICA, "available")

    assert answer["DBInstance"]["DBInstanceStatus"] == "rebooting"
    assert started() != before


def test_a_modification_is_pending_until_it_is_in_force(estate: Raised) -> None:
    """A second one meanwhile is refused."""
    rds = estate.aws.rds()
    with estate.slowed():
        answer = rds.modify_db_instance(DBInstanceIdentifier=PRIMARY, BackupRetentionPeriod=7, ApplyImmediately=True)
    meanwhile = refusal(lambda: rds.modify_db_instance(DBInstanceIdentifier=PRIMARY, BackupRetentionPeriod=8))

    assert answer["DBInstance"]["DBInstanceStatus"] == "modifying"
    assert answer["DBInstance"]["PendingModifiedValues"] == {"BackupRetentionPeriod": 7}
    assert answer["DBInstance"]["BackupRetentionPeriod"] == 35
    assert meanwhile[0] == "InvalidDBInstanceState"
    estate.wait_status(PRIMARY, "available")
    assert estate.instance(PRIMARY)["BackupRetentionPeriod"] == 7
    assert estate.instance(PRIMARY)["PendingModifiedValues"] == {}


def test_moto_still_has_the_holes_that_this_service_closes() -> None:
    """Sabotage: the same calls against bare moto give the wrong answers. When this fails, a hole was mended there."""
    with mock_aws():
        rds = boto3.client("rds", EAST, aws_access_key_id="x", aws_secret_access_key="x")
        rds.create_db_instance(DBInstanceIdentifier="p", DBInstanceClass="db.t3.micro", Engine="postgres")
        rds.create_db_instance_read_replica(DBInstanceIdentifier="r", SourceDBInstanceIdentifier="p")

        promoted = rds.promote_read_replica(DBInstanceIdentifier="p")["DBInstance"]
        assert promoted["DBInstanceStatus"] == "available"
        rds.promote_read_replica(DBInstanceIdentifier="r")
        source = rds.describe_db_instances(DBInstanceIdentifier="p")["DBInstances"][0]
        assert source["ReadReplicaDBInstanceIdentifiers"] == ["r"]
        with pytest.raises(KeyError):
            rds.promote_read_replica(DBInstanceIdentifier="nobody")
