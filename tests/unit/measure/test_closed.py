"""What was acknowledged by the one that took over may not get lost, whatever is restored later."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from harness.clock import Instant
from harness.events import read_events
from harness.facts import BackupSeen, CallMade, ClocksRead, DrillStarted, ReadBackTaken, ServedBy
from harness.ledger import LEDGER, STORED
from harness.measure import measure
from harness.objectives import Outcome
from harness.record import DataGap, Stamped, facts_of
from harness.verdict.data import judge_ledger
from tests.golden.story import SECOND, STRIKE, Story, write

BACK = Story(ends=11.0)
WALL = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
LATE = 3.55
"""Seconds from the strike: service has been back since 3.2."""


def at(seconds: float) -> Instant:
    return Instant(STRIKE + round(seconds * SECOND))


def restoring(name: str) -> list[Stamped]:
    """A restore of last night's snapshot, begun when service is back."""
    call = CallMade(
        *("automation", "rds", "RestoreDBInstanceFromDBSnapshot", "us-east-1", True, "id", at(LATE)),
        *(timedelta(milliseconds=3), 200),
        params={"DBSnapshotIdentifier": "night", "DBInstanceIdentifier": name},
    )
    return [
        Stamped(at(-1), ClocksRead(at(-1), WALL)),
        Stamped(at(LATE), call),
        Stamped(at(10.6), BackupSeen("night", WALL - timedelta(hours=9), "automated")),
    ]


def lost_since(folder: Path, low: float, high: float, restore: Iterable[Stamped], **terms: object) -> DataGap:
    """The gap of a drill after which nobody finds what was acknowledged between two moments."""
    write(folder, BACK)
    ledgers = [np.fromfile(path, LEDGER) for path in (folder / "ledger").glob("*.bin") if path.name != "readback.bin"]
    gone = {(row["writer"], row["seq"]) for rows in ledgers for row in rows if at(low) <= row["acked"] <= at(high)}
    stored = np.fromfile(folder / "ledger" / "readback.bin", STORED)
    kept = stored[[(row["writer"], row["seq"]) not in gone for row in stored]]
    kept.tofile(folder / "ledger" / "readback.bin")
    facts = [*facts_of(read_events(folder / "events.jsonl")), *restore]

    def changed(fact: object) -> object:
        if isinstance(fact, ReadBackTaken):
            return replace(fact, rows=len(kept))
        return replace(fact, **terms) if isinstance(fact, DrillStarted) else fact  # type: ignore[arg-type]

    told = [Stamped(one.at, changed(one.fact)) for one in facts]
    return measure(folder, tuple(sorted(told, key=lambda one: one.at))).gap


def test_a_decoy_excuses_nothing_that_the_serving_one_lost(tmp_path: Path) -> None:
    found = lost_since(tmp_path / "b", 3.2, 3.5, restoring("decoy"))
    assert found.lost_after_closing > 0
    assert judge_ledger(found).outcome is Outcome.FAIL


def test_nor_does_a_restore_of_the_serving_one_s_own_name(tmp_path: Path) -> None:
    """Service was back before that restore was begun, so somebody else had acknowledged what is gone."""
    served = [fact.fact for fact in facts_of(read_events(write(tmp_path / "a", BACK) / "events.jsonl"))]
    name = next(fact.identifier for fact in served if isinstance(fact, ServedBy))
    found = lost_since(tmp_path / "b", 3.2, 3.5, restoring(name))
    assert found.restored_to is not None
    assert found.lost_after_closing > 0
    assert judge_ledger(found).outcome is Outcome.FAIL


def test_one_that_served_on_is_closed_when_the_restore_begins(tmp_path: Path) -> None:
    """A silent fault leaves it serving: a request that failed meanwhile does not say that another took over."""
    name = "labelmintit-production-db-read-replica"
    found = lost_since(tmp_path / "b", 3.2, 3.5, restoring(name), silent=True)
    assert (found.restored_to is not None, found.lost_after_closing) == (True, 0)
