"""What RDS does when hosts die: failover at the same endpoint, a lost instance, promotions that work and that fail."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import psycopg
import pytest

from harness import dial
from harness.cloud.services.ec2 import Ec2
from harness.cloud.services.rds import Rds
from harness.cloud.services.ssm import Ssm
from harness.errors import NeverHappened
from harness.wait import until
from tests.contract.cloud.raising import DR_REPLICA, EAST, PRIMARY, REPLICA, WEST, Raised, raised, refusal

SOON = timedelta(seconds=20)
PRIMARY_GROUP = "sg-0a1b2c3d4e5f60001"
ELSEWHERE: dict[str, Any] = {"IpProtocol": "tcp", "FromPort": 5432, "ToPort": 5432, "CidrIp": "203.0.113.0/24"}


@pytest.fixture
def estate() -> Iterator[Raised]:
    with raised(Rds, Ec2, Ssm, pace=0.002) as made:
        yield made


def write(estate: Raised, identifier: str, region: str = EAST) -> int:
    """One row as the application writes it, through the endpoint's name. Raises psycopg.Error."""
    endpoint, login = estate.instance(identifier, region)["Endpoint"], estate.cloud.service(Rds).login()
    parameters = dial.conninfo(
        estate.cloud.directory, endpoint["Address"], endpoint["Port"],
        user=login.user, password=login.password, database=login.database,
    )  # fmt: skip
    with psycopg.connect(**parameters, autocommit=True) as session:  # type: ignore[arg-type]
        done = session.execute(
            "INSERT INTO task_submissions (project_id, user_id, writer, payload) VALUES (1, 1, 9, 'x') RETURNING id"
        )
        row = done.fetchone()
    assert row
    return int(row[0])


def takes_writes(estate: Raised, identifier: str, region: str = EAST) -> bool:
    try:
        return bool(write(estate, identifier, region))
    except (psycopg.Error, dial.NameNotFound):
        return False


def test_a_dead_host_alone_fails_over_by_itself_at_the_same_endpoint(estate: Raised) -> None:
    """Promoting would be wrong: the standby takes over, nothing acknowledged is lost, replicas follow it."""
    rows = [write(estate, PRIMARY) for _ in range(5)]
    endpoint = estate.instance(PRIMARY)["Endpoint"]
    machine = estate.machine(PRIMARY)
    old = machine.server.address

    machine.kill()
    until("the standby took over", lambda: takes_writes(estate, PRIMARY), within=SOON)

    assert estate.instance(PRIMARY)["Endpoint"] == endpoint
    assert estate.cloud.names.address(endpoint["Address"]) != old
    with machine.server.admin() as session:
        kept = session.execute("SELECT count(*) FROM task_submissions WHERE id = ANY(%s)", [rows]).fetchone()
    assert kept == (5,)
    until("the replica follows", estate.machine(REPLICA).is_receiving, within=SOON)
    messages = [event["Message"] for event in estate.aws.rds().describe_events(SourceIdentifier=PRIMARY)["Events"]]
    assert messages[-2:] == ["Multi-AZ instance failover started.", "Multi-AZ instance failover completed"]
    assert estate.instance(PRIMARY)["DBInstanceStatus"] == "available"


def test_after_a_failover_there_is_a_standby_again(estate: Raised) -> None:
    """A Multi-AZ instance survives the next host, too, and asking it how far it can be restored takes no time."""
    machine = estate.machine(PRIMARY)
    machine.kill()
    until("the standby took over", lambda: takes_writes(estate, PRIMARY), within=SOON)
    began = time.monotonic()
    assert estate.instance(PRIMARY)["LatestRestorableTime"]
    assert time.monotonic() - began < 3
    until("a standby again", lambda: machine.standby is not None and machine.standby.is_receiving(), within=SOON)
    row = write(estate, PRIMARY)
    until("it may fail over", lambda: _fail_over_again(estate), within=SOON)
    assert write(estate, PRIMARY) > row


def _fail_over_again(estate: Raised) -> bool:
    machine = estate.machine(PRIMARY)
    if machine.can_fail_over():
        return False
    if machine.standby is not None:
        machine.kill()
        return False
    return takes_writes(estate, PRIMARY)


def test_a_lost_instance_is_failed_its_replica_takes_over_and_it_may_come_back(estate: Raised) -> None:
    """The flagship's path: lost with storage and standby, promoted really, links cleared on both sides, fenced."""
    estate.machine(PRIMARY).lose()
    estate.wait_status(PRIMARY, "failed")
    assert not takes_writes(estate, PRIMARY)
    assert estate.instance(REPLICA)["StatusInfos"][0]["Status"] == "error"

    rds = estate.aws.rds()
    answer = rds.promote_read_replica(DBInstanceIdentifier=REPLICA, BackupRetentionPeriod=35)["DBInstance"]
    again = refusal(lambda: rds.promote_read_replica(DBInstanceIdentifier=REPLICA))
    assert answer["DBInstanceStatus"] == "modifying"
    assert again == ("InvalidDBInstanceState", 400, 0)
    estate.wait_status(REPLICA, "available")
    promoted = estate.instance(REPLICA)
    assert "ReadReplicaSourceDBInstanceIdentifier" not in promoted
    assert "StatusInfos" not in promoted
    assert promoted["BackupRetentionPeriod"] == 35
    assert REPLICA not in estate.instance(PRIMARY)["ReadReplicaDBInstanceIdentifiers"]
    assert write(estate, REPLICA)
    assert refusal(lambda: rds.promote_read_replica(DBInstanceIdentifier=REPLICA))[0] == "InvalidDBInstanceState"

    _close(estate)
    ec2 = estate.cloud.service(Ec2)
    assert not ec2.allows([PRIMARY_GROUP], 5432)
    estate.machine(PRIMARY).come_back()
    estate.wait_status(PRIMARY, "available")
    assert estate.machine(PRIMARY).accepts_writes()
    assert not takes_writes(estate, PRIMARY)


def test_without_the_fence_a_primary_that_comes_back_acknowledges_writes(estate: Raised) -> None:
    """Sabotage of the fence: it is the closed group that keeps the old primary silent, not its absence."""
    estate.machine(PRIMARY).lose()
    estate.wait_status(PRIMARY, "failed")
    estate.machine(PRIMARY).come_back()
    estate.wait_status(PRIMARY, "available")

    assert takes_writes(estate, PRIMARY)


def test_a_group_without_ingress_closes_the_database_and_opens_it_again(estate: Raised) -> None:
    """Sessions that are open are ended too."""
    endpoint, login = estate.instance(PRIMARY)["Endpoint"], estate.cloud.service(Rds).login()
    parameters = dial.conninfo(
        estate.cloud.directory, endpoint["Address"], endpoint["Port"],
        user=login.user, password=login.password, database=login.database,
    )  # fmt: skip
    with psycopg.connect(**parameters) as session:  # type: ignore[arg-type]
        permissions = _close(estate)
        until("it is closed", lambda: not takes_writes(estate, PRIMARY), within=SOON)
        until("the open session is ended", lambda: _is_ended(session), within=SOON)
    assert estate.machine(PRIMARY).accepts_writes()
    assert takes_writes(estate, PRIMARY) is False

    estate.aws.ec2().authorize_security_group_ingress(GroupId=PRIMARY_GROUP, **ELSEWHERE)
    with pytest.raises(NeverHappened):
        until("it is open to another network", lambda: takes_writes(estate, PRIMARY), within=timedelta(seconds=1))

    estate.aws.ec2().authorize_security_group_ingress(GroupId=PRIMARY_GROUP, IpPermissions=permissions)  # type: ignore[arg-type]
    until("it is open", lambda: takes_writes(estate, PRIMARY), within=SOON)


def _is_ended(session: psycopg.Connection) -> bool:
    try:
        session.execute("SELECT 1")
    except psycopg.OperationalError:
        return True
    return False


def test_a_promotion_that_cannot_complete_leaves_the_instance_failed(estate: Raised) -> None:
    """It stays so; the replica in the other region is the way out."""
    machine = estate.machine(REPLICA)
    machine.break_next_promotion()
    estate.machine(PRIMARY).lose()

    estate.aws.rds().promote_read_replica(DBInstanceIdentifier=REPLICA)
    until("it failed", lambda: estate.instance(REPLICA)["DBInstanceStatus"] in {"failed", "storage-full"}, within=SOON)
    machine.mend_promotion()

    assert (
        refusal(lambda: estate.aws.rds().promote_read_replica(DBInstanceIdentifier=REPLICA))[0]
        == "InvalidDBInstanceState"
    )
    estate.aws.rds(WEST).promote_read_replica(DBInstanceIdentifier=DR_REPLICA)
    estate.wait_status(DR_REPLICA, "available", WEST)
    assert takes_writes(estate, DR_REPLICA, WEST)


def test_an_instance_that_becomes_multi_az_gets_a_real_standby(estate: Raised) -> None:
    """The promoted one is protected again: its host dies, and its new standby takes over."""
    rds = estate.aws.rds()
    rds.promote_read_replica(DBInstanceIdentifier=REPLICA)
    estate.wait_status(REPLICA, "available")

    rds.modify_db_instance(DBInstanceIdentifier=REPLICA, MultiAZ=True, ApplyImmediately=True)
    assert not estate.instance(REPLICA)["MultiAZ"]
    estate.wait_status(REPLICA, "available")
    assert estate.instance(REPLICA)["MultiAZ"]
    row = write(estate, REPLICA)
    estate.machine(REPLICA).kill()
    until("the standby took over", lambda: takes_writes(estate, REPLICA), within=SOON)

    with estate.machine(REPLICA).server.admin() as session:
        assert session.execute("SELECT count(*) FROM task_submissions WHERE id = %s", [row]).fetchone() == (1,)


def _close(estate: Raised) -> list[object]:
    """Take all ingress from the primary's group, as the recovery procedure does; gives what was taken."""
    ec2 = estate.aws.ec2()
    group = ec2.describe_security_groups(GroupIds=[PRIMARY_GROUP])["SecurityGroups"][0]
    ec2.revoke_security_group_ingress(GroupId=PRIMARY_GROUP, IpPermissions=group["IpPermissions"])
    return list(group["IpPermissions"])
