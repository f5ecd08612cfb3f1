"""What is measured of a cache: a reader's service, and the keeper's writes."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np

from harness.clock import Instant
from harness.facts import CacheReadBackTaken, ClientKind, ClientStarted, FaultBitten, FaultStruck, NightPlayed
from harness.heard import Heard, ReadBack, digest
from harness.ledger import LEDGER, STORED
from harness.measure import measure
from harness.record import Record, Stamped
from tests.unit.measure.synthetic import BEGIN, EVERY, SECOND, client

STRUCK, NIGHT, BACK = BEGIN + 5 * SECOND, BEGIN + 2 * SECOND, BEGIN + 6 * SECOND
GONE = range(5 * SECOND // EVERY, 6 * SECOND // EVERY)


def drill(folder: Path, stored: Iterable[int], *, reader: ReadBack = ReadBack.FAILED, status: int = 200) -> Record:
    """Ten seconds of a reader and a keeper; the cache is gone from the fifth to the sixth, then holds `stored`."""
    (folder / "ledger").mkdir()
    started: list[ClientStarted] = [client(ClientKind.READER, writers=(5,)), client(ClientKind.KEEPER, writers=(6,))]
    for one in started:
        rows = [_row(one.writers[0], number, one.kind, reader, status) for number in range(10 * SECOND // EVERY)]
        np.array(rows, LEDGER).tofile(folder / one.file)
    kept = [(6, number + 1, digest(f"6:{number + 1}"), 0) for number in stored]
    np.array(kept, STORED).tofile(folder / "ledger/cache-readback.bin")
    facts: list[tuple[int, object]] = [
        *((BEGIN, one) for one in started),
        (NIGHT, NightPlayed("cache")),
        (STRUCK, FaultStruck("LoseInstance", "cache")),
        (STRUCK + 1, FaultBitten("machine", bitten=True)),
        (BACK + 5 * SECOND, CacheReadBackTaken("ledger/cache-readback.bin", len(kept), "host")),
    ]
    return measure(folder, tuple(Stamped(Instant(at), fact) for at, fact in facts))


def _row(writer: int, number: int, kind: ClientKind, said: ReadBack, status: int) -> tuple[int, ...]:
    due, gone = BEGIN + number * EVERY, number in GONE
    heard = Heard.REFUSED if gone and (kind is ClientKind.KEEPER or status != 200) else Heard.ACKNOWLEDGED
    seen = (said if gone else ReadBack.RIGHT) if kind is ClientKind.READER else ReadBack.NOT_TRIED
    acked = due + 1000 if heard is Heard.ACKNOWLEDGED else 0
    return (number + 1, due, due, due + 1000, acked, digest(f"{writer}:{number + 1}"), writer, heard, seen, status)


def test_a_reader_without_its_cache_is_without_service_and_the_public_name_is_not(tmp_path: Path) -> None:
    outages = {one.client: one for one in drill(tmp_path, range(0)).outages}
    assert outages["reader-5"].felt
    assert not outages["reader-5 (any answer)"].felt
    assert not outages["reader-5 (any answer)"].decides


def test_a_reader_who_gets_no_answer_met_an_outage_of_the_public_name(tmp_path: Path) -> None:
    outages = {one.client: one for one in drill(tmp_path, range(0), status=503).outages}
    assert outages["reader-5 (any answer)"].felt


def test_what_the_cache_did_not_hold_is_no_outage(tmp_path: Path) -> None:
    outages = {one.client: one for one in drill(tmp_path, range(0), reader=ReadBack.MISSED).outages}
    assert not outages["reader-5"].felt


def test_a_snapshot_excuses_what_came_after_it_and_nothing_else(tmp_path: Path) -> None:
    """The keeper's last three seconds before the strike are lost, as they are with a snapshot of that night."""
    last_night, since = range(2 * SECOND // EVERY), range(6 * SECOND // EVERY, 10 * SECOND // EVERY)
    gap = drill(tmp_path, [*last_night, *since]).cache_gap
    assert (gap.lost, gap.lost_before_point, gap.lost_amid_kept) == (3 * SECOND // EVERY, 0, 0)


def test_half_of_a_snapshot_is_not_excused(tmp_path: Path) -> None:
    assert drill(tmp_path, range(SECOND // EVERY)).cache_gap.lost_before_point > 0


def test_what_readers_and_keepers_do_is_not_the_databases(tmp_path: Path) -> None:
    assert drill(tmp_path, range(0)).gap.acknowledged == 0
