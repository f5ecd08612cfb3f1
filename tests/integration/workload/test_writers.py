"""Direct writers on a real database: what they heard is what the database holds."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np

from harness.dial import Directory
from harness.heard import Heard
from harness.ledger import LEDGER, STORED, read_rows
from harness.login import Login
from harness.machines.postgres import PostgresServer
from harness.machines.seed import APP_USER
from harness.measure.gap import gap
from harness.record import DataGap
from harness.wait import until
from harness.workload.readback import read_back
from tests.benchmarks.place import PASSWORD, Place
from tests.integration.workload.conftest import DATABASE_NAME, SOON, Client, Write


def compared(here: Place, database: PostgresServer, client: Client, *, threads: int = 2) -> DataGap:
    """The client's ledger against what the database holds now."""
    directory = Directory((here.resolver.address, here.resolver.port))
    login = Login(APP_USER, PASSWORD, database.database)
    taken = read_back(directory, DATABASE_NAME, database.port, login, here.folder)
    assert taken.source == database.name
    found = read_rows(here.folder / taken.file, STORED)
    assert len(found) == taken.rows
    return gap([read_rows(client.file, LEDGER)], found, writers=range(3, 3 + threads))


def test_what_was_acknowledged_is_stored_as_it_was_written(write: Write, here: Place, database: PostgresServer) -> None:
    writers = write(threads=3)
    writers.hears(Heard.ACKNOWLEDGED, times=100)

    assert writers.ends() == 0
    seen = compared(here, database, writers, threads=3)
    assert seen.acknowledged == seen.kept >= 100
    assert seen.kept + seen.refused == len(writers.rows())


def test_writers_keep_the_rate_that_they_were_given(write: Write) -> None:
    """Each thread its share, each due time a fixed interval after the last."""
    writers = write(threads=2, rate=100)
    writers.hears(Heard.ACKNOWLEDGED, times=60)
    writers.ends()

    rows = writers.rows()
    own = np.sort(rows["due"][rows["writer"] == 3])
    assert np.median(np.diff(own)) == 20_000_000
    assert (rows["sent"] >= rows["due"]).all()


def test_a_frozen_server_is_given_up(write: Write, database: PostgresServer) -> None:
    """Nothing else would end the wait; then connecting takes no longer either, and writing goes on after the thaw."""
    writers = write()
    writers.hears(Heard.ACKNOWLEDGED)
    database.pause()
    frozen = time.monotonic_ns()

    waited = writers.hears(Heard.REFUSED, times=2, since=frozen)
    database.resume()
    thawed = time.monotonic_ns()
    writers.hears(Heard.ACKNOWLEDGED, since=thawed)

    rows = writers.rows()
    unknown = rows[rows["heard"] == Heard.UNKNOWN]
    assert 1 <= len(unknown) <= 2
    for hung in (unknown, waited):
        assert ((hung["done"] - hung["sent"]) < 600_000_000).all()


def test_a_server_that_dies_leaves_one_unknown_write_a_writer(
    write: Write, here: Place, database: PostgresServer
) -> None:
    """And every acknowledged one is there when it runs again."""
    writers = write(threads=4, rate=0)
    writers.hears(Heard.ACKNOWLEDGED, times=200)
    database.kill()
    writers.hears(Heard.REFUSED, times=8)
    database.start()
    writers.hears(Heard.ACKNOWLEDGED, since=time.monotonic_ns())
    writers.ends()

    seen = compared(here, database, writers, threads=4)

    assert (seen.lost, seen.phantom, seen.duplicated, seen.corrupted) == (0, 0, 0, 0)
    assert seen.unknown_present + seen.unknown_absent <= 4
    assert seen.refused >= 8


def test_refused_writes_do_not_come_as_fast_as_they_can(write: Write, database: PostgresServer) -> None:
    writers = write(threads=1, rate=0)
    writers.hears(Heard.ACKNOWLEDGED)
    database.kill()

    rows = writers.hears(Heard.REFUSED, times=10)

    assert np.median(np.diff(rows["sent"])) >= 20_000_000


def test_a_server_that_only_reads_refuses_and_is_left(write: Write, database: PostgresServer) -> None:
    """The name may lead elsewhere by now, so the writer does not stay connected."""
    writers = write(threads=1)
    writers.hears(Heard.ACKNOWLEDGED)
    with database.admin() as session:
        session.execute(f"ALTER ROLE {APP_USER} SET default_transaction_read_only = on")
        session.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = %s", [APP_USER])
    writers.hears(Heard.REFUSED, times=10)
    with database.admin() as session:
        session.execute(f"ALTER ROLE {APP_USER} RESET default_transaction_read_only")

    writers.hears(Heard.ACKNOWLEDGED, since=time.monotonic_ns())


def test_a_commit_whose_wait_for_the_standby_was_cancelled_is_unknown(write: Write, database: PostgresServer) -> None:
    """PostgreSQL reports it as a success, with a warning."""
    writers = write(threads=1, patience=5)
    writers.hears(Heard.ACKNOWLEDGED)
    database.require_sync(("nobody",))
    waiting = "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE usename = %s AND wait_event = 'SyncRep'"
    with database.admin() as session:
        until("a commit waits", lambda: session.execute(waiting.encode(), [APP_USER]).rowcount > 0, within=SOON)

    [row] = writers.hears(Heard.UNKNOWN, times=1)[:1]

    assert row["acked"] == 0
    assert row["done"] - row["sent"] < 5_000_000_000


def test_a_commit_that_fails_after_the_insert_was_reported_done_is_refused(
    write: Write, here: Place, database: PostgresServer
) -> None:
    """The insert's own result comes before the commit; only what comes after it is the truth."""
    writers = write(threads=2)
    writers.hears(Heard.ACKNOWLEDGED)
    with database.admin() as session:
        session.execute(
            "CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'not today'; END $$"
        )
        session.execute(
            "CREATE CONSTRAINT TRIGGER no AFTER INSERT ON task_submissions "
            "DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION no()"
        )
    begun = time.monotonic_ns()
    writers.hears(Heard.REFUSED, times=10, since=begun)
    with database.admin() as session:
        session.execute("DROP TRIGGER no ON task_submissions")
    writers.hears(Heard.ACKNOWLEDGED, since=time.monotonic_ns())
    writers.ends()

    seen = compared(here, database, writers)
    assert seen.acknowledged == seen.kept
    assert (seen.refused >= 10, seen.phantom, seen.lost) == (True, 0, 0)


def test_acknowledgements_outlive_the_writers_violent_death(
    write: Write, here: Place, database: PostgresServer
) -> None:
    """Of what was on its way nothing is known; nothing else is in doubt."""
    writers = write(threads=4, rate=0)
    writers.hears(Heard.ACKNOWLEDGED, times=500)
    writers.process.kill()

    seen = compared(here, database, writers, threads=4)

    assert seen.acknowledged == seen.kept >= 500
    assert seen.unknown_present <= 4
    assert seen.phantom == 0


def test_the_password_is_in_no_argument_variable_or_log(write: Write) -> None:
    writers = write()
    writers.hears(Heard.ACKNOWLEDGED)
    seen = [Path(f"/proc/{writers.process.pid}/{what}").read_bytes() for what in ("cmdline", "environ")]
    writers.ends()

    for text in (*seen, writers.log.read_bytes()):
        assert PASSWORD.encode() not in text


def test_writers_whose_ledger_cannot_be_written_end(write: Write, here: Place) -> None:
    (here.folder / "writers.bin").symlink_to("/dev/full")

    writers = write()

    assert writers.process.wait(SOON)
    assert writers.process.exit_code == 1


def test_rows_that_no_client_wrote_are_read_back_as_well(write: Write, here: Place, database: PostgresServer) -> None:
    """What vanished, changed, doubled or came from nowhere in the database is counted exactly."""
    writers = write(threads=1)
    writers.hears(Heard.ACKNOWLEDGED, times=50)
    writers.ends()
    with database.admin() as session:
        session.execute("DELETE FROM task_submissions WHERE writer = 3 AND seq IN (10, 20, 30)")
        session.execute("UPDATE task_submissions SET payload = payload || '!' WHERE writer = 3 AND seq IN (11, 21)")
        session.execute("UPDATE task_submissions SET created_at = created_at - interval '2 s' WHERE seq = 13")
        session.execute("UPDATE task_submissions SET created_at = 'infinity' WHERE seq = 14")
        insert = "INSERT INTO task_submissions (project_id, user_id, writer, seq, payload) "
        session.execute(
            insert.encode()
            + b"SELECT project_id, user_id, 3, 12, payload FROM task_submissions WHERE writer = 3 AND seq = 12"
        )
        session.execute(insert.encode() + b"VALUES (1, 1, 3, 999999, 'no'), (1, 1, 77, 1, 'no')")

    seen = compared(here, database, writers, threads=1)

    assert (seen.lost, seen.corrupted, seen.duplicated, seen.phantom) == (3, 4, 1, 2)
