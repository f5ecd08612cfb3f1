"""Base backups and replaying the archived log: what was committed by then is there, what came later is not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from harness.errors import MachineFailed
from harness.machines.addresses import AddressBlock
from harness.machines.archive import Archive, Replay
from harness.machines.backup import Copier, Origin
from harness.machines.postgres import PostgresServer
from harness.machines.processes import Spawner
from harness.machines.seed import APP_USER, REPLICATION_USER
from harness.machines.template import Login, Template
from harness.machines.workspace import Workspace
from harness.wait import until
from tests.integration.machines.conftest import PASSWORD, Build
from tests.integration.machines.database_clients import SOON, submit, submitted

Restore = Callable[[str, Origin], PostgresServer]


@pytest.fixture
def restore(programs: Path, workspace: Workspace, spawner: Spawner, block: AddressBlock) -> Restore:
    """Makes instances from a backup that were not started yet."""
    return lambda name, origin: PostgresServer(
        name, address=block.next(1), port=block.ports[5432], programs=programs, template=origin, workspace=workspace,
        spawner=spawner, app=Login(APP_USER, PASSWORD), replicator=Login(REPLICATION_USER, PASSWORD),
    )  # fmt: skip


@pytest.fixture
def copier(programs: Path, workspace: Workspace, spawner: Spawner) -> Copier:
    return Copier(programs, workspace, spawner, Login(REPLICATION_USER, PASSWORD))


@pytest.fixture
def archive(primary: PostgresServer, programs: Path, spawner: Spawner) -> Archive:
    return Archive(primary.archive, programs, spawner)


def archived(server: PostgresServer, archive: Archive) -> None:
    """Return when everything committed so far is in the archive."""
    with server.admin() as session:
        row = session.execute("SELECT pg_walfile_name(pg_current_wal_lsn())").fetchone()
        session.execute("SELECT pg_switch_wal()")
    assert row
    until(f"{row[0]} is archived", (archive.folder / str(row[0])).exists, within=SOON)


def now(server: PostgresServer) -> datetime:
    with server.admin() as session:
        row = session.execute("SELECT clock_timestamp()").fetchone()
    assert row
    assert isinstance(row[0], datetime)
    return row[0]


def test_a_backup_of_a_running_server_holds_what_was_committed_when_it_was_taken(
    primary: PostgresServer, copier: Copier, restore: Restore, workspace: Workspace
) -> None:
    submit(primary, 1, 2, 3)
    backup = copier.back_up(primary, workspace.folder("backups/one"))
    submit(primary, 4)

    copy = restore("copy", backup)
    copy.start()

    assert submitted(copy) == [1, 2, 3]
    assert copy.accepts_writes()
    assert submitted(primary) == [1, 2, 3, 4]
    assert backup.size() > 1 << 20


def test_a_point_in_time_is_met_to_the_commit(
    primary: PostgresServer, seeded: Template, archive: Archive, restore: Restore
) -> None:
    """From the seed alone: the log holds every commit since."""
    submit(primary, 1, 2)
    moment = now(primary)
    submit(primary, 3)
    archived(primary, archive)

    copy = restore("copy", seeded)
    copy.replay(Replay(archive.folder, moment=moment))
    copy.start()

    assert submitted(copy) == [1, 2]
    submit(copy, 7)
    assert submitted(copy) == [1, 2, 7]
    copy.stop()
    copy.start()
    assert submitted(copy) == [1, 2, 7], "restarted it does not go back to being restored"


def test_the_last_archived_commit_is_known_and_can_be_restored(
    primary: PostgresServer, seeded: Template, archive: Archive, restore: Restore
) -> None:
    before = now(primary)
    submit(primary, 1)
    archived(primary, archive)
    after = datetime.now(UTC)
    submit(primary, 2)
    latest = archive.latest_commit()

    assert latest is not None
    assert before < latest.at <= after
    copy = restore("copy", seeded)
    copy.replay(Replay(archive.folder, commit=latest))
    primary.lose()
    copy.start()
    assert submitted(copy) == [1]


def test_a_moment_that_the_archive_does_not_reach_is_refused_and_not_rounded(
    primary: PostgresServer, seeded: Template, archive: Archive, restore: Restore
) -> None:
    submit(primary, 1)
    archived(primary, archive)

    copy = restore("copy", seeded)
    copy.replay(Replay(archive.folder, moment=datetime.now(UTC) + timedelta(hours=1)))
    with pytest.raises(MachineFailed, match="before configured recovery target was reached"):
        copy.start()


def test_a_standby_that_takes_over_goes_on_with_the_same_archive(
    primary: PostgresServer, build: Build, programs: Path, seeded: Template, workspace: Workspace, spawner: Spawner,
    block: AddressBlock, archive: Archive, restore: Restore,
) -> None:  # fmt: skip
    """Across the failover the log has no hole."""
    standby = PostgresServer(
        "standby", address=block.next(1), port=block.ports[5432], programs=programs, template=seeded,
        workspace=workspace, spawner=spawner, app=Login(APP_USER, PASSWORD),
        replicator=Login(REPLICATION_USER, PASSWORD), archive=primary.archive,
    )  # fmt: skip
    standby.follow(primary, slot="slot", application_name="standby")
    standby.start()
    until("it streams", standby.is_receiving, within=SOON)
    primary.require_sync(("standby",))
    submit(primary, 1)
    primary.kill()
    standby.promote()
    submit(standby, 2)
    archived(standby, archive)
    latest = archive.latest_commit()

    copy = restore("copy", seeded)
    copy.replay(Replay(archive.folder, commit=latest))
    copy.start()

    assert submitted(copy) == [1, 2]
