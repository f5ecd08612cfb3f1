"""Looking at the end of a ledger gives what looking at the whole would give."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import numpy as np

from harness.facts import ClientKind
from harness.heard import Heard
from harness.workload import tail
from tests.unit.measure.synthetic import BEGIN, MS, SECOND, Service, visits, written


def test_acknowledgements_since_an_instant_are_counted_in_a_long_ledger(tmp_path: Path) -> None:
    file = tmp_path / "ledger.bin"
    written(20_000).tofile(file)

    assert tail.acknowledged(file, 0, read_back=False) == 20_000
    assert tail.acknowledged(file, BEGIN + 9_999 * MS, read_back=False) == 10_001
    assert tail.acknowledged(file, BEGIN + 19_999 * MS, read_back=False) == 1
    assert tail.acknowledged(file, BEGIN + 20_000 * MS, read_back=False) == 0
    assert tail.acknowledged(file, 0, read_back=True) == 0


def test_only_the_end_of_the_file_is_read(tmp_path: Path) -> None:
    file = tmp_path / "ledger.bin"
    written(20_000).tofile(file)

    assert len(tail.recent(file, BEGIN + 19_990 * MS)) <= 4096


def test_the_least_busy_writer_number_counts(tmp_path: Path) -> None:
    """A client is at work once each of its writers is."""
    file = tmp_path / "writers.bin"
    np.concatenate([written(500, writer=3), written(7, writer=4)]).tofile(file)

    assert tail.acknowledged(file, 0, read_back=False, writers=(3, 4)) == 7
    assert tail.acknowledged(file, 0, read_back=False, writers=(3, 4, 5)) == 0


def test_a_client_without_a_ledger_has_acknowledged_nothing(tmp_path: Path) -> None:
    assert tail.acknowledged(tmp_path / "none.bin", 0, read_back=False) == 0
    assert tail.good_for(tmp_path / "none.bin", ClientKind.VISITOR, 0) == timedelta(0)


def test_how_long_nothing_was_bad(tmp_path: Path) -> None:
    """Counted from the later of the instant asked for and the last bad visit."""
    file = tmp_path / "ledger.bin"
    visits(Service(BEGIN + SECOND, BEGIN + 2 * SECOND, True, MS, 1), 5).tofile(file)

    assert timedelta(seconds=2.9) < tail.good_for(file, ClientKind.VISITOR, BEGIN) < timedelta(seconds=3)
    assert timedelta(seconds=0.9) < tail.good_for(file, ClientKind.VISITOR, BEGIN + 4 * SECOND) < timedelta(seconds=1)


def test_while_every_visit_is_bad_nothing_is_good(tmp_path: Path) -> None:
    file = tmp_path / "ledger.bin"
    np.concatenate([written(5), written(5, first=6, heard=Heard.REFUSED, at=BEGIN + 5 * MS)]).tofile(file)

    assert tail.good_for(file, ClientKind.WRITER, BEGIN) == timedelta(0)
    assert tail.good_for(file, ClientKind.WRITER, BEGIN + 10 * MS) == timedelta(0)
