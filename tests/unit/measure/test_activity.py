"""Whether a client worked, from its ledger."""

from __future__ import annotations

from datetime import timedelta

import numpy as np

from harness.facts import ClientKind, ClientStarted
from harness.heard import Heard
from harness.ledger import Rows
from harness.measure.activity import activities
from harness.record import ClientActivity
from tests.unit.measure.synthetic import BEGIN, EVERY, MS, SECOND, Service, client, visits, written


def activity(rows: Rows, started: ClientStarted, struck: int | None, restored: int | None) -> ClientActivity:
    """What a client with one writer number did."""
    (only,) = activities(rows, started, struck, restored)
    return only


def test_each_writer_number_is_told_apart() -> None:
    """One that falls silent is not hidden by the other, nor one that never wrote."""
    rows = np.concatenate([written(100), written(100, writer=3), written(5_000, first=101, at=BEGIN + 100 * MS)])

    busy, silent, never = activities(
        rows, client(ClientKind.WRITER, writers=(1, 3, 4)), struck=BEGIN + 50 * MS, restored=BEGIN + 200 * MS
    )

    assert (busy.writer, busy.rows, busy.acknowledged_before, busy.acknowledged_after) == (1, 5_100, 50, 4_900)
    assert (silent.writer, silent.rows, silent.acknowledged_before, silent.acknowledged_after) == (3, 100, 50, 0)
    assert silent.last == BEGIN + 99 * MS
    assert (never.writer, never.rows, never.acknowledged_before, never.first) == (4, 0, 0, None)


def test_acknowledgements_are_counted_before_the_strike_and_after_the_recovery() -> None:
    rows = np.concatenate([written(100), written(50, first=101, heard=Heard.REFUSED, at=BEGIN + 100 * MS),
                           written(30, first=151, at=BEGIN + 150 * MS)])  # fmt: skip

    seen = activity(rows, client(ClientKind.WRITER), struck=BEGIN + 100 * MS, restored=BEGIN + 151 * MS)

    assert (seen.rows, seen.acknowledged_before, seen.acknowledged_after) == (180, 100, 29)
    assert (seen.first, seen.last) == (BEGIN, BEGIN + 179 * MS)


def test_without_a_strike_all_is_before_it_and_without_a_recovery_nothing_after() -> None:
    seen = activity(written(100), client(ClientKind.WRITER), struck=None, restored=None)

    assert (seen.acknowledged_before, seen.acknowledged_after) == (100, 0)


def test_an_outage_is_no_silence_of_the_client() -> None:
    """While every request hangs for a second the visitor goes on sending."""
    service = Service(BEGIN + SECOND, BEGIN + 3 * SECOND, True, MS, 1)

    seen = activity(visits(service, 6), client(), struck=None, restored=None)

    assert seen.longest_silence < timedelta(microseconds=EVERY / 1000 + 1000)


def test_a_client_that_stood_still_was_silent() -> None:
    """Its due times go on, but nothing was sent."""
    service = Service(BEGIN, BEGIN, False, MS, 1)

    seen = activity(
        visits(service, 6, stall=(BEGIN + SECOND, BEGIN + 4 * SECOND)), client(), struck=None, restored=None
    )

    assert timedelta(seconds=2.97) < seen.longest_silence < timedelta(seconds=3.05)


def test_silence_is_measured_across_pieces_of_the_file() -> None:
    """Rows stand where they were answered: the order across a border between pieces is not that of sending."""
    rows = written(100_000)
    hung = rows["seq"] % 7 == 0
    rows["done"][hung] += SECOND
    rows = rows[np.argsort(rows["done"], kind="stable")]

    assert activity(rows, client(ClientKind.WRITER), None, None).longest_silence == timedelta(milliseconds=1)


def test_an_empty_ledger_has_no_first_row() -> None:
    seen = activity(written(0), client(), None, None)

    assert (seen.rows, seen.first, seen.last, seen.longest_silence) == (0, None, None, timedelta(0))


def test_numbers_without_a_row_are_counted_for_each_writer() -> None:
    """Whoever drops rows, at the beginning, amid or of one writer only, is seen by the numbers that are not there."""
    rows = np.concatenate([written(70_000), written(50, writer=3)])
    gone = (rows["writer"] == 1) & np.isin(rows["seq"], [1, 500, 501, 40_000, 69_998])

    whole = list(activities(rows, client(ClientKind.WRITER, writers=(1, 3)), None, None))
    holed = list(activities(rows[~gone], client(ClientKind.WRITER, writers=(1, 3)), None, None))

    assert [one.missing for one in whole] == [0, 0]
    assert [one.missing for one in holed] == [5, 0]
    assert activity(written(100, first=101), client(ClientKind.WRITER), None, None).missing == 100


def test_rows_in_the_order_of_their_answers_miss_no_number() -> None:
    """Each write of a visitor has a row when it is sent and one when it is answered, a second later where it hangs."""
    service = Service(BEGIN + SECOND, BEGIN + 3 * SECOND, True, MS, 1)
    seen = activity(visits(service, 60), client(), None, None)
    assert (seen.missing, seen.off_schedule) == (0, 0)
    rows = written(100_000)
    hung = rows["seq"] % 7 == 0
    rows["done"][hung] += SECOND
    assert activity(rows[np.argsort(rows["done"], kind="stable")], client(ClientKind.WRITER), None, None).missing == 0


def test_a_client_that_skips_due_times_is_off_its_schedule() -> None:
    """However it numbers what it sends: the requests that were due in a bad moment are those that count."""
    service = Service(BEGIN, BEGIN, False, MS, 1)
    rows = visits(service, 10)
    kept = rows[(rows["due"] < BEGIN + 6 * SECOND) | (rows["due"] >= BEGIN + 8 * SECOND)]
    kept["seq"][kept["due"] >= BEGIN + 8 * SECOND] -= 100
    skipping = activity(kept, client(), None, None)
    assert (skipping.missing, skipping.off_schedule) == (0, 1)
    assert activity(kept, client(ClientKind.WRITER), None, None).off_schedule == 0
    assert (
        activity(visits(service, 10, stall=(BEGIN + SECOND, BEGIN + 2 * SECOND)), client(), None, None).off_schedule
        == 0
    )
