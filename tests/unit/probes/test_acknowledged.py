"""Of the clients' ledgers only what was acknowledged before the point counts, and all of that must be there."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from harness.clock import FakeClock
from harness.heard import Heard
from harness.ledger import LEDGER
from harness.probes.acknowledged import acknowledged, missing, on_the_ledgers_clock

POINT = 1_000_000_000


def ledger(folder: Path, writer: int, *writes: tuple[int, int, Heard]) -> Path:
    """A ledger with (number, when acknowledged, what was heard)."""
    rows = np.zeros(len(writes), LEDGER)
    for row, (seq, acked, heard) in zip(rows, writes, strict=True):
        row["writer"], row["seq"], row["acked"], row["heard"], row["digest"] = writer, seq, acked, heard, seq << 60
    path = folder / f"{writer}.bin"
    rows.tofile(path)
    return path


@pytest.fixture
def ledgers(tmp_path: Path) -> list[Path]:
    ok = Heard.ACKNOWLEDGED
    return [
        ledger(tmp_path, 1, (1, 400, ok), (2, 0, Heard.UNKNOWN), (3, POINT + 1, ok)),
        ledger(tmp_path, 2, (1, 300, ok), (2, 0, Heard.REFUSED), (9, 0, Heard.SENT), (15, 500, ok)),
        ledger(tmp_path, 3),
    ]


def test_only_what_was_acknowledged_before_the_point_counts_the_oldest_first(ledgers: list[Path]) -> None:
    writes = acknowledged(ledgers, POINT)
    assert writes[["writer", "seq"]].tolist() == [(2, 1), (1, 1), (2, 15)]


def test_what_came_as_late_as_clocks_may_differ_is_not_asked_for(ledgers: list[Path]) -> None:
    assert len(acknowledged(ledgers, 500)) == 0
    assert len(acknowledged([], POINT)) == 0


def test_a_write_that_is_gone_or_another_one_is_missing(ledgers: list[Path]) -> None:
    """Digests use all their bits."""
    writes = acknowledged(ledgers, POINT)
    held = {(2, 1, 1 << 60), (1, 1, 1 << 60), (2, 15, 15 << 60)}
    assert missing(writes, frozenset(held)) == []
    assert missing(writes, frozenset(held - {(1, 1, 1 << 60)})) == [(1, 1, 1 << 60)]
    assert missing(writes, frozenset(held - {(2, 15, 15 << 60)} | {(2, 15, 7)})) == [(2, 15, 15 << 60)]


def test_a_moment_of_the_api_becomes_one_of_the_ledgers() -> None:
    clock = FakeClock()
    clock.advance(seconds=10)
    assert on_the_ledgers_clock(clock, clock.wall() - timedelta(seconds=3)) == clock.now() - 3_000_000_000
