"""Silent damage bites when somebody needs what is damaged, is never taken for success, and can be undone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import psycopg
import pytest

from harness.capabilities import Archiving, BackedUp, Corruptible, Spoiling
from harness.cloud.services.ec2 import Ec2
from harness.cloud.services.rds import Rds
from harness.cloud.services.ssm import Ssm
from harness.faults.corrupt_page import CorruptPage
from harness.faults.lose_archived_log import LoseArchivedLog
from harness.faults.spoil_backups import SpoilBackups
from harness.wait import until
from tests.contract.cloud.raising import PRIMARY, REPLICA, Raised, raised
from tests.contract.cloud.test_rds_restores import archived, note, notes, snapshot

SOON = timedelta(seconds=20)


@pytest.fixture(scope="module")
def estate() -> Iterator[Raised]:
    with raised(Rds, Ec2, Ssm, pace=0.001) as made:
        yield made


def restored(estate: Raised, name: str, snapshot: str | None = None) -> str:
    """The state that a restore of that snapshot, or to the latest point in time, ends in."""
    rds = estate.aws.rds()
    if snapshot:
        rds.restore_db_instance_from_db_snapshot(
            DBInstanceIdentifier=name, DBSnapshotIdentifier=snapshot, BackupRetentionPeriod=0
        )
    else:
        rds.restore_db_instance_to_point_in_time(
            SourceDBInstanceIdentifier=PRIMARY, TargetDBInstanceIdentifier=name, UseLatestRestorableTime=True,
            BackupRetentionPeriod=0,
        )  # fmt: skip
    until("the restore ends", lambda: estate.instance(name)["DBInstanceStatus"] != "creating", within=SOON)
    return str(estate.instance(name)["DBInstanceStatus"])


def test_a_database_has_what_the_faults_need(estate: Raised) -> None:
    for capability in (Archiving, Corruptible, BackedUp):
        assert isinstance(estate.machine(PRIMARY), capability)


def test_a_hole_in_the_archive_is_not_taken_for_its_end(estate: Raised) -> None:
    """A restore across it fails and says so; healed, the same restore succeeds."""
    fault, machine = LoseArchivedLog(), estate.machine(PRIMARY)
    assert not fault.has_bitten(machine)
    fault.inject(machine)
    assert fault.has_bitten(machine)
    archived(estate, note(estate, "hole 1"))

    assert restored(estate, "across") == "incompatible-restore"
    said = estate.aws.rds().describe_events(SourceIdentifier="across")["Events"][-1]["Message"]
    assert said.startswith("The restore failed:")
    fault.heal(machine)
    fault.heal(machine)
    assert not fault.has_bitten(machine)
    assert restored(estate, "across-again") == "available"
    assert notes(estate.machine("across-again").server, "hole %") == ["hole 1"]


def test_a_corrupt_page_is_refused_and_goes_into_the_snapshots(estate: Raised) -> None:
    """Readers of that page get an error, of others not, and the replica is well; a snapshot copies the damage."""
    fault, machine = CorruptPage(), estate.machine(PRIMARY)
    fault.inject(machine)
    fault.inject(machine)
    assert fault.has_bitten(machine)
    with machine.server.admin() as session, pytest.raises(psycopg.errors.DataCorrupted):
        session.execute("SELECT count(payload) FROM task_submissions")
    with machine.server.admin() as session:
        session.execute("SELECT count(email) FROM users")
    with estate.machine(REPLICA).server.admin() as session:
        session.execute("SELECT count(payload) FROM task_submissions")

    snapshot(estate, "corrupt-too")
    assert restored(estate, "corrupt", "corrupt-too") == "available"
    with estate.machine("corrupt").server.admin() as session, pytest.raises(psycopg.errors.DataCorrupted):
        session.execute("SELECT count(payload) FROM task_submissions")
    fault.heal(machine)
    fault.heal(machine)
    assert not fault.has_bitten(machine)
    with machine.server.admin() as session:
        session.execute("SELECT count(payload) FROM task_submissions")


@pytest.mark.parametrize("how", [Spoiling.TRUNCATED, Spoiling.EMPTY])
def test_a_backup_without_its_content_does_not_become_an_instance(estate: Raised, how: Spoiling) -> None:
    fault, machine = SpoilBackups(how), estate.machine(PRIMARY)
    first = estate.aws.rds().describe_db_snapshots(SnapshotType="automated")["DBSnapshots"][0]["DBSnapshotIdentifier"]
    fault.inject(machine)
    assert fault.has_bitten(machine)

    assert restored(estate, f"of-{how}", first) == "failed"
    fault.heal(machine)
    fault.heal(machine)
    assert not fault.has_bitten(machine)
    assert restored(estate, f"of-{how}-again", first) == "available"


def test_a_stale_backup_restores_well_and_lacks_rows(estate: Raised) -> None:
    """Only who counts notices."""
    note(estate, "stale 1")
    snapshot(estate, "says-it-is-new")
    fault, machine = SpoilBackups(Spoiling.STALE), estate.machine(PRIMARY)
    fault.inject(machine)

    assert restored(estate, "old-rows", "says-it-is-new") == "available"
    assert notes(estate.machine("old-rows").server, "stale %") == []
    fault.heal(machine)
    assert restored(estate, "new-rows", "says-it-is-new") == "available"
    assert notes(estate.machine("new-rows").server, "stale %") == ["stale 1"]
