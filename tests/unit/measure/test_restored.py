"""A restore loses all since its moment by intention, and nothing else: the gap tells apart what that excuses."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np

from harness.clock import Instant
from harness.facts import BackupSeen, CallMade, ClocksRead, RecoveryEnded, ServedBy
from harness.ledger import Rows
from harness.measure.gap import gap
from harness.measure.restored import Restored, restored
from harness.record import Record, Stamped
from tests.unit.measure.synthetic import BEGIN, MS, SECOND, stored, written

WRITES = 1000
POINT = Instant(BEGIN + 400 * MS)
TO_THE_MOMENT = Restored(Instant(BEGIN + 900 * MS), POINT, exact=True)
WALL = datetime(2026, 3, 1, 12, tzinfo=UTC)


def only(rows: Rows, keep: range, also: range = range(0)) -> Rows:
    return rows[np.isin(rows["seq"], [*keep, *also])]


def test_what_came_after_the_moment_is_lost_and_nothing_wrong() -> None:
    """As old as the time from the moment until nobody could write any more."""
    rows = written(900)
    seen = gap([rows], stored(only(rows, range(1, 401))), struck=BEGIN + 410 * MS, closed=BEGIN + SECOND,
               restored=TO_THE_MOMENT)  # fmt: skip
    assert (seen.lost, seen.lost_before_point, seen.kept_beyond_point) == (500, 0, 0)
    assert (seen.lost_after_closing, seen.lost_amid_kept) == (0, 0)
    assert seen.age == timedelta(milliseconds=499)
    assert seen.restored_to == POINT


def test_what_is_older_than_the_moment_may_not_be_lost() -> None:
    """A restore that landed earlier than it was asked to."""
    rows = written(900)
    seen = gap([rows], stored(only(rows, range(1, 391))), struck=POINT, restored=TO_THE_MOMENT)
    assert seen.lost_before_point == 10


def test_what_is_newer_than_the_moment_may_not_be_there() -> None:
    """A restore that landed later than it was asked to, give or take what the clocks differ by."""
    rows = written(900)
    seen = gap([rows], stored(only(rows, range(1, 451))), struck=POINT, restored=TO_THE_MOMENT)
    assert 40 <= seen.kept_beyond_point <= 50
    backup = Restored(TO_THE_MOMENT.begun, POINT, exact=False)
    assert gap([rows], stored(only(rows, range(1, 451))), struck=POINT, restored=backup).kept_beyond_point == 0


def test_what_the_restored_one_acknowledged_is_not_beyond_the_moment() -> None:
    rows = written(1200)
    kept = stored(only(rows, range(1, 401), range(1000, 1201)))
    assert gap([rows], kept, struck=POINT, restored=TO_THE_MOMENT).kept_beyond_point == 0


def call(operation: str, at: int, **params: object) -> CallMade:
    return CallMade(
        "automation", "rds", operation, "us-east-1", True, "id", at, timedelta(0), 200, params=dict(params)
    )  # fmt: skip


def told(*facts: object) -> Record:
    read = ClocksRead(BEGIN, WALL)
    return Record(tuple(Stamped(Instant(BEGIN), fact) for fact in (read, *facts)))


def test_a_moment_is_told_on_the_ledgers_clock() -> None:
    restore = call("RestoreDBInstanceToPointInTime", BEGIN + SECOND, RestoreTime="2026-03-01T12:00:00.400000Z")
    assert restored(told(restore)) == Restored(Instant(BEGIN + SECOND), POINT, exact=True)


def test_a_backup_is_of_the_moment_that_the_api_gives() -> None:
    """Also one of long before the drill."""
    backup = BackupSeen("rds:x", WALL - timedelta(hours=3), "automated")
    restore = call("RestoreDBInstanceFromDBSnapshot", BEGIN + SECOND, DBSnapshotIdentifier="rds:x")
    found = restored(told(backup, restore))
    assert found == Restored(Instant(BEGIN + SECOND), Instant(BEGIN - 3 * 3600 * SECOND), exact=False)


def test_the_last_restore_counts_and_one_of_nobody_knows_what_is_unknown() -> None:
    first = call("RestoreDBInstanceToPointInTime", BEGIN, RestoreTime="2026-03-01T12:00:00Z")
    second = call("StartRestoreJob", BEGIN + SECOND, RecoveryPointArn="arn:of:another")
    found = restored(told(first, second))
    assert found
    assert found.point is None
    rows = written(WRITES)
    assert gap([rows], stored(rows), restored=found).restore_unknown
    assert restored(told()) is None


SERVES = ServedBy("db.labelmintit.com", "restored", "restored-database", writable=True, region="us-east-1")
MEANT = call(
    "RestoreDBInstanceToPointInTime", BEGIN + SECOND, RestoreTime="2026-03-01T12:00:00.400000Z",
    TargetDBInstanceIdentifier="Restored",
)  # fmt: skip
SNAPSHOT = BackupSeen("rds:x", WALL, "automated")


def from_snapshot(name: str) -> CallMade:
    return call(
        "RestoreDBInstanceFromDBSnapshot", BEGIN + 5 * SECOND, DBSnapshotIdentifier="rds:x", DBInstanceIdentifier=name
    )


def test_only_the_restore_that_made_the_serving_one_counts() -> None:
    """Else a decoy, restored beside it and last, would excuse what the serving one lost until then."""
    expected = Restored(Instant(BEGIN + SECOND), POINT, exact=True)
    decoy = from_snapshot("decoy")
    job = call("StartRestoreJob", BEGIN + 6 * SECOND, RecoveryPointArn="a", Metadata={"DBInstanceIdentifier": "other"})
    assert restored(told(SNAPSHOT, MEANT, decoy, job, RecoveryEnded(ok=True), SERVES)) == expected


def test_a_restore_beside_what_serves_restored_nothing() -> None:
    """A replica took over; whatever was restored besides explains no loss."""
    replica = ServedBy("db.labelmintit.com", "replica", "read-replica", writable=True, region="us-east-1")
    assert restored(told(SNAPSHOT, from_snapshot("decoy"), RecoveryEnded(ok=True), replica)) is None
    elsewhere = ServedBy("db.labelmintit.com", "restored", "dr-database", writable=True, region="us-west-2")
    assert restored(told(MEANT, RecoveryEnded(ok=True), elsewhere)) is None


def test_two_restores_that_could_both_be_meant_leave_the_moment_unknown() -> None:
    found = restored(told(SNAPSHOT, MEANT, from_snapshot("restored"), RecoveryEnded(ok=True), SERVES))
    assert found == Restored(Instant(BEGIN + SECOND), None, exact=False)


def test_who_served_before_the_recovery_or_where_nobody_knows_tells_nothing() -> None:
    """As where nobody ever served again: then it is the last restore that was begun."""
    nobody = ServedBy("db.labelmintit.com", "", "", writable=False)
    for facts in ((SERVES, RecoveryEnded(ok=True)), (RecoveryEnded(ok=True), nobody), (RecoveryEnded(ok=True),)):
        stamped = tuple(Stamped(Instant(BEGIN + at), fact) for at, fact in enumerate(facts))
        seen = told(SNAPSHOT, MEANT, from_snapshot("decoy"))
        found = restored(Record((*seen.facts, *stamped)))
        assert found == Restored(Instant(BEGIN + 5 * SECOND), Instant(BEGIN), exact=False)
