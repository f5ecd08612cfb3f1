"""Each write is counted once, in the class that it belongs to: what vanished, changed or came from nowhere is seen."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.errors import EvidenceError
from harness.heard import Heard
from harness.ledger import LEDGER, STORED, Rows
from harness.measure import pieces
from harness.measure.gap import gap
from harness.record import DataGap
from tests.unit.measure.synthetic import BEGIN, MS, SECOND, stored, written

FATES = ("absent", "once", "twice", "altered")
CLASSES = ("kept", "lost", "refused", "unknown_present", "unknown_absent", "phantom", "duplicated", "corrupted")


def classes(seen: DataGap) -> dict[str, int]:
    """The classes that are not empty."""
    return {name: getattr(seen, name) for name in CLASSES if getattr(seen, name)}


def without(rows: Rows, *numbers: int) -> Rows:
    kept: Rows = rows[~np.isin(rows["seq"], numbers)]
    return kept


def test_all_kept_is_no_gap() -> None:
    rows = written(100)

    seen = gap([rows], stored(rows), struck=BEGIN)

    assert seen.measured
    assert seen.acknowledged == 100
    assert classes(seen) == {"kept": 100}
    assert seen.age == timedelta(0)
    assert seen.examples == ()


def test_nothing_is_measured_without_a_read_back_or_an_acknowledgement() -> None:
    assert not gap([written(100)], None).measured
    assert not gap([written(5, heard=Heard.UNKNOWN)], stored(written(5))).measured
    assert not gap([], stored(written(0))).measured


def test_a_vanished_row_is_lost_and_as_old_as_its_acknowledgement() -> None:
    rows = written(100)

    seen = gap([rows], without(stored(rows), 91, 98), struck=BEGIN + 99 * MS)

    assert classes(seen) == {"kept": 98, "lost": 2}
    assert seen.age == timedelta(milliseconds=99 - 90.5)
    assert seen.examples == ("lost 1:91", "lost 1:98")


def test_what_was_acknowledged_after_the_strike_and_lost_has_no_age() -> None:
    rows = written(100)

    seen = gap([rows], without(stored(rows), 100), struck=BEGIN + 50 * MS)

    assert (seen.lost, seen.age) == (1, timedelta(0))


def test_a_loss_after_the_struck_one_was_closed_is_told_apart() -> None:
    rows = written(100)

    seen = gap([rows], without(stored(rows), 10, 60, 90), struck=BEGIN, closed=BEGIN + 50 * MS)

    assert (seen.lost, seen.lost_after_closing, seen.lost_after_failed_switch) == (3, 2, 0)


def test_an_answer_that_a_client_read_late_was_given_in_time() -> None:
    """The host may have been busy; the write was sent while the server was still to be reached."""
    rows = written(100)
    rows["acked"][49] += SECOND

    seen = gap([rows], without(stored(rows), 50), struck=BEGIN, closed=BEGIN + 60 * MS)

    assert (seen.lost, seen.lost_after_closing) == (1, 0)


def test_what_goes_on_after_the_strike_goes_on_losing() -> None:
    """What was acknowledged until it was closed and is lost goes back from the last of it to the first."""
    rows = written(100)

    seen = gap([rows], without(stored(rows), *range(50, 81)), struck=BEGIN + 40 * MS, closed=BEGIN + 90 * MS)

    assert seen.lost == 31
    assert seen.age == timedelta(milliseconds=30)


def test_a_hole_amid_kept_writes_is_told_apart_from_a_lag() -> None:
    """Replication lag loses the newest writes; an old one that is missing was taken away."""
    rows = written(1000)

    hole = gap([rows], without(stored(rows), 10), struck=BEGIN + 2 * SECOND)
    lag = gap([rows], without(stored(rows), *range(900, 1001)), struck=BEGIN + 2 * SECOND)

    assert (hole.lost, hole.lost_amid_kept) == (1, 1)
    assert (lag.lost, lag.lost_amid_kept) == (101, 0)


def test_a_loss_after_the_failed_switch_is_told_apart() -> None:
    rows = written(100)

    seen = gap([rows], without(stored(rows), 10, 60, 90), struck=BEGIN, switch_failed=BEGIN + 80 * MS)

    assert (seen.lost, seen.lost_after_closing, seen.lost_after_failed_switch) == (3, 0, 1)


def test_an_altered_row_is_corrupted() -> None:
    rows = written(100)
    found = stored(rows)
    found["digest"][41] ^= 1

    seen = gap([rows], found)

    assert classes(seen) == {"kept": 99, "corrupted": 1}
    assert seen.examples == ("corrupted 1:42",)


def test_a_row_stored_twice_is_duplicated_once() -> None:
    rows = written(100)
    found = stored(rows)

    seen = gap([rows], np.concatenate([found, found[41:42], found[41:42]]))

    assert classes(seen) == {"kept": 99, "duplicated": 1}


def test_two_copies_of_which_one_is_altered_are_corrupted() -> None:
    rows = written(100)
    altered = stored(rows)[41:42]
    altered["digest"] += 1

    assert classes(gap([rows], np.concatenate([stored(rows), altered]))) == {"kept": 99, "corrupted": 1}


@pytest.mark.parametrize("off", [-2 * SECOND, 2 * SECOND, -(2**62), 2**62])
def test_a_row_that_claims_to_be_of_another_time_is_altered(off: int) -> None:
    """Before its write was sent, or after it was acknowledged, by more than clocks differ."""
    rows = written(100)
    found = stored(rows)
    found["created"] = (rows["sent"] + rows["acked"]) // 2
    assert classes(gap([rows], found)) == {"kept": 100}

    found["created"][41] += off

    seen = gap([rows], found)
    assert classes(seen) == {"kept": 99, "corrupted": 1}
    assert seen.examples == ("corrupted 1:42",)


def test_a_row_that_was_doubled_later_is_doubled() -> None:
    rows = written(100)
    copy = stored(rows)[41:42]
    copy["created"] = rows["acked"][41] + 2 * SECOND

    assert classes(gap([rows], np.concatenate([stored(rows), copy]))) == {"kept": 99, "duplicated": 1}


def test_a_write_of_unknown_fate_may_be_stored_long_after_its_client_gave_up() -> None:
    """But not before it was sent."""
    rows = written(2, heard=Heard.UNKNOWN)
    acknowledged = written(1, writer=2)
    found = np.concatenate([stored(rows), stored(acknowledged)])
    found["created"][:2] = rows["sent"] + np.array([60 * SECOND, -60 * SECOND])

    assert classes(gap([rows, acknowledged], found)) == {"kept": 1, "unknown_present": 1, "corrupted": 1}


def test_a_row_that_nobody_wrote_is_a_phantom() -> None:
    """Of a known writer beyond its next number, of an unknown one, and with numbers that no client uses."""
    rows = written(100)
    strange = np.array(
        [(1, 102, 5, 0), (9, 1, 5, 0), (1, 2**40, 5, 0), (70_000, 1, 5, 0), (2**31 - 1, 2**63, 5, 0)], STORED
    )

    seen = gap([rows], np.concatenate([stored(rows), strange]), writers=(1,))

    assert classes(seen) == {"kept": 100, "phantom": 5}
    assert "phantom 9:1" in seen.examples


def test_a_refused_write_that_is_stored_is_a_phantom() -> None:
    """The client was told that it certainly was not stored, and would have sent it again."""
    rows = written(3, heard=Heard.REFUSED)
    kept = written(10, writer=2)

    seen = gap([rows, kept], stored(np.concatenate([rows[1:2], kept])))

    assert classes(seen) == {"kept": 10, "refused": 2, "phantom": 1}


def test_unknown_writes_may_be_there_or_not() -> None:
    rows, kept = written(5, heard=Heard.UNKNOWN), written(10, writer=2)

    seen = gap([rows, kept], stored(np.concatenate([rows[:2], kept])))

    assert classes(seen) == {"kept": 10, "unknown_present": 2, "unknown_absent": 3}


def test_a_write_with_a_sent_row_only_is_unknown() -> None:
    """Its client died before it heard anything."""
    done = written(10)
    sent = written(12, heard=Heard.SENT)
    rows = np.concatenate([sent, done])

    seen = gap([rows], stored(sent[:11]), writers=(1,))

    assert classes(seen) == {"kept": 10, "unknown_present": 1, "unknown_absent": 1}


def test_the_write_after_a_writers_last_row_may_be_stored() -> None:
    """A client with one write in flight says nothing of it before it is answered."""
    rows = written(11)

    assert classes(gap([rows[:10]], stored(rows), writers=(1,))) == {"kept": 10, "unknown_present": 1}
    assert classes(gap([written(10, writer=2)], stored(np.concatenate([written(10, writer=2), written(1)])),
                       writers=(1, 2))) == {"kept": 10, "unknown_present": 1}  # fmt: skip


def test_only_a_client_with_one_write_in_flight_may_have_sent_one_more() -> None:
    """A visitor announces each write, so the one after its last row was never sent."""
    rows = np.concatenate([written(10, heard=Heard.SENT), written(10)])

    assert classes(gap([rows], stored(written(11)), writers=(1,))) == {"kept": 10, "phantom": 1}


def test_a_ledger_that_answers_a_write_twice_is_refused() -> None:
    with pytest.raises(EvidenceError, match="answers the same write twice"):
        gap([written(10), written(1)], stored(written(10)))


def test_a_ledger_with_impossible_numbers_is_refused() -> None:
    with pytest.raises(EvidenceError, match="that no client uses"):
        gap([written(1, first=2**40)], stored(written(1)))


def test_windows_do_not_change_the_result(monkeypatch: pytest.MonkeyPatch) -> None:
    """A long ledger, stored in no order, is compared window by window, with the same result."""
    rows = np.concatenate([written(60_000, writer=writer) for writer in (1, 2, 3)])
    found = without(stored(rows), 7, 30_000, 59_999)
    found["digest"][::10_000] += 1
    np.random.default_rng(1).shuffle(found)
    whole = gap([rows], found, struck=BEGIN + SECOND)
    monkeypatch.setattr(pieces, "LIMIT", 20_000)
    seen = gap([rows], found, struck=BEGIN + SECOND)

    ranges = list(pieces.windows(pieces.Pieces([rows]), pieces.Pieces([found])))
    assert len(ranges) == 8
    assert ranges[0][0] == 0
    assert [low for low, _ in ranges[1:]] == [high for _, high in ranges[:-1]]
    assert classes(seen) == classes(whole) == {"kept": 179_973, "lost": 9, "corrupted": 18}
    assert seen.age == whole.age == timedelta(milliseconds=1000 - 6.5)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(list(Heard)), st.sampled_from(["absent", "once", "twice", "altered"])), max_size=60
    )
)
def test_every_write_has_one_class(fates: list[tuple[Heard, str]]) -> None:
    """Any mixture of answers and fates: the counts are exactly those of the table, and nothing is left over."""
    rows, found, expected = np.zeros(0, LEDGER), np.zeros(0, STORED), Counter[str]()
    for number, (heard, fate) in enumerate(fates, start=1):
        row = written(1, first=number, heard=heard)
        copies = {"absent": 0, "once": 1, "twice": 2, "altered": 1}[fate]
        copy = stored(row)
        copy["digest"] += fate == "altered"
        rows, found = np.concatenate([rows, row]), np.concatenate([found, *[copy] * copies])
        expected[_table(heard, fate)] += 1

    seen = gap([rows], found)

    assert Counter(classes(seen)) == expected
    assert seen.acknowledged == sum(heard is Heard.ACKNOWLEDGED for heard, _ in fates)


def _table(heard: Heard, fate: str) -> str:
    if heard is Heard.REFUSED:
        return "refused" if fate == "absent" else "phantom"
    known = heard is Heard.ACKNOWLEDGED
    return {
        "absent": "lost" if known else "unknown_absent",
        "once": "kept" if known else "unknown_present",
        "twice": "duplicated",
        "altered": "corrupted",
    }[fate]
