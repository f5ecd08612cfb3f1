"""A drill whose own disk was full: what fails then fails for want of room, and is no failure of the recovery."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from harness.facts import RoomRanOut
from harness.objectives import Outcome
from harness.record import Record
from harness.verdict.model import Finding

_STANDS = frozenset({"teardown"})
"""What was left behind was left behind: deleting takes no room."""
_WHERE = {"servers": "where the servers work", "evidence": "where the evidence goes"}


def ran_out(record: Record) -> list[str]:
    """Each place that had no room left, in words."""
    return [f"no room was left in {seen.place}, {_WHERE.get(seen.of, seen.of)}" for seen in record.all(RoomRanOut)]


def doubted(record: Record, findings: Iterable[Finding]) -> Iterator[Finding]:
    """The findings, none of them a failure where the drill ran out of room. A pass stays one: the drill is in doubt."""
    full = record.first(RoomRanOut) is not None
    for finding in findings:
        if full and finding.outcome is Outcome.FAIL and finding.name not in _STANDS:
            yield replace(finding, outcome=Outcome.INCONCLUSIVE, detail=f"{finding.detail}; the drill's disk was full")
        else:
            yield finding
