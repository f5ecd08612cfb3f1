"""A drill that ran out of room itself fails for nothing, and does not pass either."""

from __future__ import annotations

import dataclasses

import pytest

from harness.clock import Instant
from harness.facts import Probed, RoomRanOut, TornDown
from harness.objectives import Outcome
from harness.record import Record, Stamped
from harness.verdict import judge
from tests.unit.verdict.good import GAP, OUTAGE, STRUCK, altered, record

FULL = Stamped(Instant(STRUCK), RoomRanOut("/dev/shm", "servers"))
NEVER_BACK = dataclasses.replace(OUTAGE, back_low=None, back_high=None)


def full(seen: Record) -> Record:
    return dataclasses.replace(seen, facts=(*seen.facts[:-1], FULL, seen.facts[-1]))


@pytest.mark.parametrize(
    ("name", "seen"),
    [
        ("RTO", record(outage=NEVER_BACK)),
        ("ledger", record(gap=dataclasses.replace(GAP, corrupted=1))),
        ("validation", record(altered(Probed, ok=False))),
    ],
)
def test_what_fails_on_a_full_disk_is_in_doubt(name: str, seen: Record) -> None:
    """And what was found is still told."""
    failed, doubted = judge(seen).finding(name), judge(full(seen)).finding(name)
    assert failed is not None
    assert doubted is not None
    assert (failed.outcome, doubted.outcome) == (Outcome.FAIL, Outcome.INCONCLUSIVE)
    assert doubted.detail.startswith(failed.detail)
    assert judge(full(seen)).outcome is Outcome.INCONCLUSIVE


def test_a_full_disk_is_no_pass() -> None:
    verdict = judge(full(record()))
    found = verdict.finding("harness")
    assert found is not None
    assert (verdict.outcome, found.outcome) == (Outcome.INCONCLUSIVE, Outcome.INCONCLUSIVE)
    assert "no room was left in /dev/shm" in found.detail


def test_what_was_left_behind_stays_a_failure() -> None:
    """Deleting takes no room."""
    assert judge(full(record(altered(TornDown, left_over=("a file",))))).outcome is Outcome.FAIL
