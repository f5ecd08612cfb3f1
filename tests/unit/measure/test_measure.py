"""A bundle's files become one record."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from harness.clock import Instant
from harness.errors import EvidenceError
from harness.facts import ClientKind, FaultBitten, FaultStruck, ReadBackTaken, SwitchFailed
from harness.measure import measure
from harness.record import Stamped
from tests.unit.measure.synthetic import BEGIN, MS, SECOND, Service, client, stored, visits, written

LOST, BACK = BEGIN + 3 * SECOND, BEGIN + 4 * SECOND
VISITOR, WRITER = client(), client(ClientKind.WRITER, writers=(2, 3), every=MS)


def bundle(folder: Path) -> tuple[Stamped, ...]:
    """A visitor and two writers; the newest write before the strike and one after the recovery are lost."""
    (folder / "ledger").mkdir()
    visited = visits(Service(LOST, BACK, False, MS, 1), 8)
    wrote = np.concatenate([written(2_900, writer=2), written(3_000, writer=2, first=2_901, at=BACK + 50 * MS)])
    visited.tofile(folder / VISITOR.file)
    wrote.tofile(folder / WRITER.file)
    found = np.concatenate([stored(visited[visited["acked"] > 0]), stored(wrote)])
    found = found[~((found["writer"] == 2) & np.isin(found["seq"], [2_900, 5_000]))]
    found.tofile(folder / "readback.bin")
    facts = (VISITOR, WRITER, FaultStruck("LoseInstance", "primary-database"), FaultBitten("machine", bitten=True),
             SwitchFailed("promotion", "full"),
             ReadBackTaken("readback.bin", len(found), "replica"))  # fmt: skip
    return tuple(Stamped(Instant(LOST), fact) for fact in facts)


def test_outages_gap_and_activity_of_every_client(tmp_path: Path) -> None:
    record = measure(tmp_path, bundle(tmp_path))

    assert [outage.client for outage in record.outages] == ["visitor-1", "writer-2"]
    assert record.outages[0].felt
    assert (record.gap.lost, record.gap.lost_after_closing, record.gap.lost_after_failed_switch) == (2, 1, 1)
    assert record.gap.age == timedelta(milliseconds=3000 - 2899.5)
    assert [activity.client for activity in record.activity] == ["visitor-1", "writer-2", "writer-2"]
    assert [activity.acknowledged_before for activity in record.activity[1:]] == [2_900, 0]


def test_a_client_without_a_ledger_is_left_out(tmp_path: Path) -> None:
    """It died before its first row; the judge misses it."""
    facts = bundle(tmp_path)
    (tmp_path / WRITER.file).unlink()

    record = measure(tmp_path, facts)

    assert [activity.client for activity in record.activity] == ["visitor-1"]


def test_a_read_back_that_lacks_rows_is_no_evidence(tmp_path: Path) -> None:
    """Else a file cut short would look like lost writes."""
    facts = bundle(tmp_path)
    whole = (tmp_path / "readback.bin").read_bytes()
    (tmp_path / "readback.bin").write_bytes(whole[:-20])

    with pytest.raises(EvidenceError, match="rows, "):
        measure(tmp_path, facts)


def test_a_drill_without_a_strike_or_clients_is_still_a_record(tmp_path: Path) -> None:
    record = measure(tmp_path, ())

    assert (record.outages, record.activity, record.gap.measured) == ((), (), False)


def test_a_drill_that_stopped_before_the_read_back_measured_no_gap(tmp_path: Path) -> None:
    facts = tuple(stamped for stamped in bundle(tmp_path) if not isinstance(stamped.fact, ReadBackTaken))

    assert not measure(tmp_path, facts).gap.measured
