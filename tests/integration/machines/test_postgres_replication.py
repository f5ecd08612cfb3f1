"""A standby streams, can be cut off, takes over, and can fail at that."""

from __future__ import annotations

import threading
from datetime import timedelta

import psycopg
import pytest

from harness.errors import MachineFailed
from harness.machines.postgres import PostgresServer
from harness.wait import until
from tests.integration.machines.conftest import Build
from tests.integration.machines.database_clients import SOON, connect, standby_of, submit, submitted

NONE = timedelta(0)


def test_a_standby_shows_what_was_written(primary: PostgresServer, build: Build) -> None:
    """It streams from the first second on, reads only, and knows that it lags by nothing."""
    standby = standby_of(primary, build)
    submit(primary, 1, 2)
    until("both rows are there", lambda: submitted(standby) == [1, 2], within=SOON)
    until("it has caught up", lambda: standby.lag() == NONE, within=SOON)
    assert primary.lag() is None
    assert not standby.accepts_writes()
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        submit(standby, 3)


def test_the_promoted_standby_takes_writes(primary: PostgresServer, build: Build) -> None:
    """It holds what reached it, and the application logs in with the same password."""
    standby = standby_of(primary, build)
    submit(primary, 1)
    until("it has caught up", lambda: submitted(standby) == [1], within=SOON)
    primary.kill()
    standby.promote()
    assert standby.accepts_writes()
    assert standby.lag() is None
    submit(standby, 2)
    assert submitted(standby) == [1, 2]
    standby.stop()
    standby.start()
    assert standby.accepts_writes(), "it is a primary for good"


def test_a_primary_cannot_be_promoted(primary: PostgresServer) -> None:
    with pytest.raises(MachineFailed, match="no standby"):
        primary.promote()
    assert primary.accepts_writes()


def test_what_happens_after_the_cut_is_lost_to_the_standby(primary: PostgresServer, build: Build) -> None:
    """Its source stays up, and still not one row more arrives; it admits to falling behind."""
    standby = standby_of(primary, build)
    submit(primary, 1)
    until("it has caught up", lambda: submitted(standby) == [1], within=SOON)
    standby.cut_replication()
    assert not standby.is_receiving()
    submit(primary, *range(2, 50))
    first = standby.lag()
    assert first is not None
    until("the lag grows", lambda: (standby.lag() or NONE) > max(first, timedelta(seconds=0.5)), within=SOON)
    assert submitted(standby) == [1]

    standby.restore_replication()
    until("it catches up", lambda: len(submitted(standby)) == 49 and standby.lag() == NONE, within=SOON)


def test_promoted_after_the_cut_it_lacks_the_later_rows(primary: PostgresServer, build: Build) -> None:
    standby = standby_of(primary, build)
    submit(primary, 1)
    until("it has caught up", lambda: submitted(standby) == [1], within=SOON)
    standby.cut_replication()
    submit(primary, 2)
    primary.kill()
    standby.promote()
    assert submitted(standby) == [1]


def test_a_lag_without_a_source_grows(primary: PostgresServer, build: Build) -> None:
    """A replica whose source died must not report for ever that it is up to date."""
    standby = standby_of(primary, build)
    submit(primary, 1)
    until("it has caught up", lambda: submitted(standby) == [1], within=SOON)
    primary.kill()
    until("it lags", lambda: (standby.lag() or NONE) > timedelta(seconds=0.3), within=SOON)


def test_a_delayed_standby_is_behind_by_its_delay(primary: PostgresServer, build: Build) -> None:
    """It has received what it does not yet show."""
    standby = standby_of(primary, build, apply_delay=timedelta(minutes=10))
    submit(primary, 1)
    until("it lags", lambda: (standby.lag() or NONE) > timedelta(seconds=0.3), within=SOON)
    assert standby.is_receiving()
    assert submitted(standby) == []


def test_storage_that_gives_out_ends_the_promotion(primary: PostgresServer, build: Build) -> None:
    """Healthy until then; afterwards nobody can write to it, and mended storage makes it a standby again."""
    standby = standby_of(primary, build)
    standby.break_next_promotion()
    submit(primary, 1)
    until("it follows all the same", lambda: submitted(standby) == [1], within=SOON)
    assert not standby.promotion_failed()

    with pytest.raises(MachineFailed, match="Permission denied"):
        standby.promote()
    assert standby.promotion_failed()
    assert not standby.accepts_writes()

    standby.mend_promotion()
    standby.mend_promotion()
    assert not standby.promotion_failed()
    until("it follows again", standby.is_receiving, within=SOON)
    standby.promote()
    assert standby.accepts_writes()


def test_a_commit_waits_for_a_required_standby(primary: PostgresServer, build: Build) -> None:
    """A hidden standby loses nothing that was acknowledged; while it is gone, nothing is acknowledged."""
    hidden = standby_of(primary, build, "hidden")
    primary.require_sync(("hidden",))
    submit(primary, 1)
    assert submitted(hidden) in ([], [1])  # flushed there, maybe not yet replayed

    hidden.kill()
    acknowledged = threading.Event()

    def write() -> None:
        submit(primary, 2)
        acknowledged.set()

    writer = threading.Thread(target=write)
    writer.start()
    assert not acknowledged.wait(0.5)
    primary.require_sync(())
    writer.join(20)
    assert acknowledged.is_set()


def test_a_slot_keeps_what_a_stopped_standby_has_not_seen(primary: PostgresServer, build: Build) -> None:
    standby = standby_of(primary, build)
    standby.stop()
    submit(primary, 1)
    with primary.admin() as session:
        for _ in range(3):
            session.execute("SELECT pg_switch_wal()")
            session.execute("CHECKPOINT")
    standby.start()
    until("it catches up", lambda: submitted(standby) == [1], within=SOON)


def test_replicas_come_in_where_the_application_may_not(primary: PostgresServer, build: Build) -> None:
    primary.set_ingress(False)
    standby = standby_of(primary, build)
    with connect(standby) as session:
        assert session.execute("SELECT 1").fetchone() == (1,)


def test_a_running_standby_may_be_given_another_source(primary: PostgresServer, build: Build) -> None:
    """After a failover the replicas follow the new primary, whose history went on where the old one ended."""
    heir, replica = standby_of(primary, build, "heir"), standby_of(primary, build, "replica")
    submit(primary, 1)
    until("both have it", lambda: submitted(heir) == submitted(replica) == [1], within=SOON)
    primary.kill()
    heir.promote()
    replica.follow(heir, slot="replica_of_heir", application_name="replica")
    submit(heir, 2)
    until("the replica follows", lambda: submitted(replica) == [1, 2], within=SOON)
