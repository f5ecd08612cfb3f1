"""An instance starts, stops, crashes, freezes, is lost and comes back; it keeps out whom it is told to."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from harness.capabilities import FailsToPromote, Killable, Losable, Pausable, Promotable, Replicating
from harness.errors import MachineFailed
from harness.machines.postgres import PostgresServer
from harness.machines.workspace import Workspace
from harness.wait import until
from tests.integration.machines.conftest import PASSWORD, SEED, Build
from tests.integration.machines.database_clients import SOON, connect, submit, submitted

SEGMENTS = Path("/proc/sysvipc/shm")


def test_it_has_the_capabilities_that_drills_ask_for(primary: PostgresServer) -> None:
    for capability in (Killable, Losable, Pausable, Promotable, Replicating, FailsToPromote):
        assert isinstance(primary, capability)


def test_the_application_finds_its_seeded_tables(primary: PostgresServer) -> None:
    """The rows are there, the application may write, and nothing more."""
    with connect(primary) as session:
        counts = [
            session.execute(f"SELECT count(*) FROM {table}".encode()).fetchone()
            for table in ("users", "projects", "task_submissions")
        ]
        assert counts == [(SEED.users,), (SEED.projects,), (SEED.task_submissions,)]
        row = session.execute("SELECT md5(string_agg(payload, '' ORDER BY seq)) FROM task_submissions").fetchone()
        expected = "".join(_md5(str(i)) for i in range(1, SEED.task_submissions + 1))
        assert row == (_md5(expected),)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            session.execute("DROP TABLE users")
    submit(primary, 1, 1)
    assert submitted(primary) == [1, 1], "a row that was written twice has to be visible twice"


@pytest.mark.skipif(not SEGMENTS.exists(), reason="this system does not tell its shared memory")
def test_a_killed_instance_leaves_no_shared_memory(primary: PostgresServer) -> None:
    """Its data may be deleted while it is down; then nobody would know any more which segment was its."""

    def of_the_primary() -> list[str]:
        return [line for line in SEGMENTS.read_text().splitlines() if line.split()[4] == postmaster]

    postmaster = (primary.data / "postmaster.pid").read_text().splitlines()[0]
    assert of_the_primary()
    primary.kill()
    assert not of_the_primary()
    primary.start()
    assert submitted(primary) == []


def test_data_checksums_and_archiving_are_on(primary: PostgresServer) -> None:
    with primary.admin() as session:
        for setting in ("data_checksums", "fsync", "archive_mode", "hot_standby"):
            assert session.execute(f"SHOW {setting}".encode()).fetchone() == ("on",)
        session.execute("SELECT pg_switch_wal()")
    until("a segment is archived", lambda: list(primary.archive.glob("0000*")), within=SOON)


def test_only_the_password_of_the_run_opens(primary: PostgresServer, workspace: Workspace) -> None:
    """And no file that becomes evidence holds it."""
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        connect(primary, "guess")
    with connect(primary):
        pass
    evidence = [workspace.log("primary"), primary.data / "postgresql.conf", primary.data / "pg_hba.conf"]
    assert not any(PASSWORD in file.read_text() for file in evidence)


def test_a_crash_is_not_a_shutdown(primary: PostgresServer, workspace: Workspace) -> None:
    """After a crash the log tells of recovery, and what was acknowledged is there; after a stop there is none."""
    submit(primary, 1)
    primary.stop()
    assert not primary.is_running()
    primary.start()
    assert "not properly shut down" not in workspace.log("primary").read_text()

    submit(primary, 2)
    primary.kill()
    assert not primary.is_running()
    primary.start()
    assert "not properly shut down" in workspace.log("primary").read_text()
    assert submitted(primary) == [1, 2]


def test_a_frozen_server_answers_when_it_goes_on(primary: PostgresServer) -> None:
    primary.pause()
    assert primary.is_paused()
    assert primary.is_running()
    assert not primary.accepts_writes()
    primary.resume()
    until("it goes on", lambda: not primary.is_paused(), within=SOON)
    assert primary.accepts_writes()


def test_closed_ingress_ends_sessions_and_refuses_new_ones(primary: PostgresServer) -> None:
    """As when the security group's rule is gone; administrators still get in."""
    with connect(primary) as session:
        primary.set_ingress(False)
        with pytest.raises(psycopg.OperationalError):
            session.execute("SELECT 1")
    with pytest.raises(psycopg.OperationalError, match="rejects"):
        connect(primary)
    assert primary.accepts_writes()
    primary.set_ingress(True)
    submit(primary, 1)


def test_ingress_is_remembered_by_a_server_that_is_down(build: Build) -> None:
    server = build("closed")
    server.set_ingress(False)
    server.start()
    with pytest.raises(psycopg.OperationalError, match="rejects"):
        connect(server)


def test_a_lost_primary_comes_back_as_a_writable_primary(primary: PostgresServer) -> None:
    """With what it acknowledged; until then it cannot be started."""
    submit(primary, 1)
    primary.lose()
    primary.lose()
    assert primary.is_lost()
    assert not primary.is_running()
    with pytest.raises(MachineFailed, match="storage is lost"):
        primary.start()
    primary.come_back()
    primary.come_back()
    assert not primary.is_lost()
    assert primary.accepts_writes()
    assert submitted(primary) == [1]


def test_a_server_that_cannot_start_says_why(primary: PostgresServer, build: Build) -> None:
    """The message holds the end of the log."""
    rival = build("rival")
    rival._settings = primary._settings
    with pytest.raises(MachineFailed, match="Address already in use"):
        rival.start()


def test_a_family_may_be_started_all_at_once(build: Build) -> None:
    """Clones of one template need no base backup, and a standby waits for its source by itself."""
    primary = build("primary")
    standbys = [build(f"standby{n}") for n in range(3)]
    for standby in standbys:
        standby.follow(primary, slot=standby.name, application_name=standby.name)
    with ThreadPoolExecutor(4) as starting:
        list(starting.map(lambda server: server.start(wait=False), [primary, *standbys]))
    primary.wait_ready()
    for standby in standbys:
        until("it receives", standby.is_receiving, within=timedelta(seconds=15))


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
