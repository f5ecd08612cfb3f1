"""What a visitor's ledger tells of an outage: the truth always lies within the bounds."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from harness.facts import ClientKind
from harness.heard import Heard, ReadBack
from harness.ledger import Rows
from harness.measure.outage import outage
from harness.record import Outage
from tests.unit.measure.synthetic import BEGIN, EVERY, MS, SECOND, Service, client, visits, written

LOST = BEGIN + 3 * SECOND + 7 * MS

services = st.builds(
    lambda after, length, hangs, flight, seed: Service(
        BEGIN + 3 * SECOND + after, BEGIN + 3 * SECOND + after + length, hangs, flight, seed
    ),
    after=st.integers(0, EVERY),
    length=st.integers(3 * EVERY, 3 * SECOND),
    hangs=st.booleans(),
    flight=st.sampled_from([20_000, MS // 2, 3 * MS, 11 * MS]),
    seed=st.integers(0, 2**32),
)


def within(low: int | None, truth: int, high: int | None) -> bool:
    return low is not None and high is not None and low <= truth <= high


@settings(max_examples=80, deadline=None)
@given(services)
def test_the_truth_lies_within_the_bounds(service: Service) -> None:
    """However long the outage, however slow the service, whether it refuses or hangs, and wherever the schedule was."""
    seen = outage(visits(service, 9.5), client(), service.lost - MS)

    assert within(seen.lost_low, service.lost, seen.lost_high), seen
    assert within(seen.back_low, service.back, seen.back_high), seen
    assert seen.flaps == 0


@settings(max_examples=40, deadline=None)
@given(services, st.integers(-40, 0), st.integers(1, 400))
@example(Service(BEGIN + 3 * SECOND, BEGIN + 4 * SECOND, True, 20_000, 0), 0, 100)
@example(Service(BEGIN + 3 * SECOND, BEGIN + 3 * SECOND + 60 * MS, True, 3 * MS, 6268), -39, 39)
def test_a_visitor_that_stood_still_does_not_move_the_truth(service: Service, before: int, length: int) -> None:
    """The visitor froze around the loss; its due times went on, and it sent late."""
    begin = service.lost + before * MS
    seen = outage(visits(service, 9.5, stall=(begin, begin + length * MS)), client(), service.lost - MS)

    if seen.felt and service.back - begin - length * MS > 2 * EVERY:
        assert within(seen.lost_low, service.lost, seen.lost_high), seen
        assert within(seen.back_low, service.back, seen.back_high), seen


@pytest.mark.parametrize("hangs", [False, True], ids=["refuses", "hangs"])
def test_the_bounds_are_narrow(hangs: bool) -> None:
    """With a service that answers within a millisecond: two intervals and 10 ms, the middle within one interval."""
    service = Service(LOST, LOST + 2_345 * MS, hangs, MS // 10, 1)

    seen = outage(visits(service, 9), client(), LOST - MS)

    low, high = _length(seen)
    assert high - low <= 2 * EVERY + 10 * MS
    assert abs((low + high) // 2 - (service.back - service.lost)) <= EVERY


def _length(seen: Outage) -> tuple[int, int]:
    assert seen.lost_low is not None
    assert seen.lost_high is not None
    assert seen.back_low is not None
    assert seen.back_high is not None
    return seen.back_low - seen.lost_high, seen.back_high - seen.lost_low


def test_the_answer_to_a_write_proves_service_before_its_read_back_does() -> None:
    service = Service(LOST, LOST + SECOND, hangs=False, flight=5 * MS, seed=1)
    rows = visits(service, 9)
    first = rows[(rows["sent"] > service.lost + SECOND // 2) & (rows["acked"] > 0)]["acked"].min()

    assert outage(rows, client(), service.lost - MS).back_high == first


def test_without_a_bad_probe_after_the_strike_nothing_was_felt() -> None:
    never = Service(LOST, LOST, False, MS, 1)

    seen = outage(visits(never, 6), client(), LOST)

    assert not seen.felt
    assert (seen.probes, seen.bad) == (300, 0)
    assert seen.good_before == 151
    assert seen.back_high is None


def test_a_bad_probe_long_before_the_strike_is_no_part_of_the_outage() -> None:
    rows = visits(Service(LOST, LOST, False, MS, 1), 6)
    _spoil(rows, 20)

    assert not outage(rows, client(), LOST).felt


def test_a_ledger_that_ends_before_two_good_seconds_never_came_back() -> None:
    service = Service(LOST, LOST + SECOND, False, MS, 1)

    seen = outage(visits(service, 5.9), client(), LOST)

    assert seen.felt
    assert seen.back_low is None
    assert seen.back_high is None


def test_a_ledger_that_ends_after_two_good_seconds_came_back() -> None:
    service = Service(LOST, LOST + SECOND, False, MS, 1)

    assert within(*_back(outage(visits(service, 6.1), client(), LOST), LOST + SECOND))


def _back(seen: Outage, truth: int) -> tuple[int | None, int, int | None]:
    return seen.back_low, truth, seen.back_high


def test_a_stray_bad_probe_within_the_two_seconds_puts_the_return_off() -> None:
    """Service is back when it stays: the outage ends after the stray one."""
    rows = visits(Service(LOST, LOST + SECOND, False, MS, 1), 9)
    stray = _spoil(rows, 250)

    seen = outage(rows, client(), LOST)

    assert stray == seen.back_low
    assert seen.flaps == 0


def test_a_stray_good_probe_amid_the_outage_does_not_end_it() -> None:
    service = Service(LOST, LOST + SECOND, False, MS, 1)
    rows = visits(service, 9)
    middle = (rows["seq"] == 180) & (rows["heard"] != Heard.SENT)
    rows["heard"][middle], rows["read_back"][middle] = Heard.ACKNOWLEDGED, ReadBack.RIGHT
    rows["acked"][middle] = rows["done"][middle]

    assert within(*_back(outage(rows, client(), LOST), service.back))


def test_bad_runs_after_the_return_are_flaps() -> None:
    """Two runs, of three bad probes and of one; the longer lasts from its first bad probe to the next good one."""
    rows = visits(Service(LOST, LOST + SECOND, False, MS, 1), 12)
    for seq in (400, 401, 402, 500):
        _spoil(rows, seq)

    seen = outage(rows, client(), LOST)

    assert within(*_back(seen, LOST + SECOND))
    assert seen.flaps == 2
    assert timedelta(milliseconds=60) < seen.worst_flap < timedelta(milliseconds=75)


def test_an_acknowledged_write_that_is_not_found_again_is_bad() -> None:
    rows = visits(Service(LOST, LOST, False, MS, 1), 6)
    wrong = (rows["seq"] == 200) & (rows["heard"] != Heard.SENT)
    rows["read_back"][wrong] = ReadBack.WRONG

    assert outage(rows, client(), LOST).felt


def test_a_probe_cut_off_by_the_visitors_own_death_says_nothing() -> None:
    rows = visits(Service(LOST, LOST, False, MS, 1), 6)
    rows = rows[~((rows["seq"] == 300) & (rows["heard"] != Heard.SENT))]

    seen = outage(rows, client(), LOST)

    assert not seen.felt
    assert seen.probes == 299


def test_too_few_probes_do_not_prove_that_service_stayed() -> None:
    """A visitor that all but stopped after the outage cannot say that nothing was bad."""
    service = Service(LOST, LOST + SECOND, False, MS, 1)
    rows = visits(service, 9)
    rows = rows[(rows["sent"] < service.back + 50 * MS) | (rows["seq"] % 40 == 0)]

    assert outage(rows, client(), LOST).back_high is None


def test_a_direct_writers_acknowledgement_is_good_by_itself() -> None:
    rows = np.concatenate([written(2000), written(500, first=2001, heard=Heard.REFUSED, at=BEGIN + 2 * SECOND),
                           written(3000, first=2501, at=BEGIN + 2 * SECOND + SECOND // 2)])  # fmt: skip

    seen = outage(rows, client(ClientKind.WRITER, every=MS), BEGIN + 2 * SECOND - MS // 4)

    assert (seen.probes, seen.bad, seen.good_before) == (5500, 500, 2000)
    assert within(seen.lost_low, BEGIN + 2 * SECOND, seen.lost_high)
    assert within(seen.back_low, BEGIN + 2 * SECOND + SECOND // 2, seen.back_high)


def test_a_ledger_longer_than_a_piece_is_measured_as_a_whole() -> None:
    rows = np.concatenate([written(90_000), written(2_000, first=90_001, heard=Heard.UNKNOWN, at=BEGIN + 90 * SECOND),
                           written(90_000, first=92_001, at=BEGIN + 92 * SECOND)])  # fmt: skip

    seen = outage(rows, client(ClientKind.WRITER, every=MS), BEGIN + 90 * SECOND - MS // 4)

    assert (seen.probes, seen.bad) == (182_000, 2_000)
    assert within(seen.back_low, BEGIN + 92 * SECOND, seen.back_high)


def test_an_empty_ledger_saw_nothing() -> None:
    seen = outage(written(0), client(), LOST)

    assert (seen.probes, seen.bad, seen.felt) == (0, 0, False)


def test_service_that_was_never_good_has_no_last_proof() -> None:
    rows = written(3000, heard=Heard.REFUSED)

    seen = outage(rows, client(ClientKind.WRITER, every=MS), BEGIN)

    assert seen.felt
    assert seen.lost_low is None


def _spoil(rows: Rows, seq: int) -> int:
    """Make one visit a refused one; returns when it was sent."""
    which = (rows["seq"] == seq) & (rows["heard"] != Heard.SENT)
    rows["heard"][which], rows["read_back"][which], rows["acked"][which] = Heard.REFUSED, ReadBack.NOT_TRIED, 0
    return int(rows["sent"][which][0])
