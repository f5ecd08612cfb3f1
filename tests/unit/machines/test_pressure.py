"""A starved host is noted with its bounds; one that is merely busy, or that nobody counts for, is not."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from harness.clock import FakeClock
from harness.facts import HostStarved
from harness.machines.pressure import PressureWatch

WINDOW = timedelta(milliseconds=100)


class Windows:
    """Stands in for the end of the watch: each wait lets a window pass, with a share of it spent waiting."""

    def __init__(self, clock: FakeClock, source: Path, shares: Sequence[float]) -> None:
        self._clock, self._source, self._shares = clock, source, list(shares)
        self._waited = 0
        self._write()

    def wait(self, seconds: float) -> bool:
        self._clock.advance(seconds)
        self._waited += round(self._shares.pop(0) * seconds * 1e6)
        self._write()
        return not self._shares

    def _write(self) -> None:
        self._source.write_text(f"some avg10=0.00 avg60=0.00 avg300=0.00 total={self._waited}\nfull total=0\n")


@pytest.mark.parametrize(
    ("shares", "noted"),
    [
        ([0.5] * 9, []),
        ([0.2, 1, 1, 0.2, 0.2], []),
        ([0.2, 0.95, 1, 1, 0.2, 0.2], [(100, 400)]),
        ([0.2, 1, 1, 1, 1], [(100, 500)]),
    ],
    ids=["busy", "briefly", "starved", "starved to the end"],
)
def test_what_is_noted(tmp_path: Path, shares: list[float], noted: list[tuple[int, int]]) -> None:
    clock, source, seen = FakeClock(), tmp_path / "cpu", list[HostStarved]()
    watch = PressureWatch(seen.append, clock, source)
    watch._ended = Windows(clock, source, shares)  # type: ignore[assignment]
    watch._run()
    assert [(fact.began // 1_000_000, fact.ended // 1_000_000) for fact in seen] == noted


def test_where_nobody_counts_nothing_is_said(tmp_path: Path) -> None:
    seen: list[HostStarved] = []
    watch = PressureWatch(seen.append, source=tmp_path / "none")
    watch.start()
    watch.stop()
    assert not seen
