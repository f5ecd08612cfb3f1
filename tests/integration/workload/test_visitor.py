"""A visitor's ledger says what happened, whatever the service does to it."""

from __future__ import annotations

import time

import numpy as np

from harness.heard import Heard, ReadBack, content, digest
from harness.ledger import LEDGER, read_rows
from tests.benchmarks.place import Place
from tests.integration.workload.conftest import NAME, SOON, Visit
from tests.integration.workload.service import Cut, FaultyService


def test_each_visit_is_on_schedule_written_down_twice_and_stored_as_sent(visit: Visit, service: FaultyService) -> None:
    visitor = visit(patience=10)
    visitor.hears(Heard.ACKNOWLEDGED, times=25)

    assert visitor.ends() == 0
    rows = read_rows(visitor.file, LEDGER)
    sent, done = rows[rows["heard"] == Heard.SENT], rows[rows["heard"] != Heard.SENT]
    done = np.sort(done, order="seq")
    assert sent["seq"].tolist() == done["seq"].tolist() == list(range(1, len(sent) + 1))
    assert set(np.diff(sent["due"]).tolist()) == {20_000_000}
    good = done[done["heard"] == Heard.ACKNOWLEDGED]
    assert (good["read_back"] == ReadBack.RIGHT).all()
    assert (good["status"] == 201).all()
    assert ((good["due"] <= good["sent"]) & (good["sent"] < good["acked"]) & (good["acked"] <= good["done"])).all()
    stored = {
        row["seq"]: digest(content(row["project_id"], row["user_id"], row["payload"]))
        for row in service.stored.values()
    }
    assert {int(row["seq"]): int(row["digest"]) for row in good}.items() <= stored.items()


def test_a_service_that_nobody_answers_for_refuses(visit: Visit, service: FaultyService) -> None:
    visitor = visit()
    visitor.hears(Heard.ACKNOWLEDGED)
    cut = service.cut(Cut.REFUSE)

    rows = visitor.hears(Heard.REFUSED, since=cut + 1_000_000)

    assert (rows["acked"] == 0).all()
    assert (rows["read_back"] == ReadBack.NOT_TRIED).all()


def test_a_connection_lost_after_sending_leaves_the_write_unknown(visit: Visit, service: FaultyService) -> None:
    visitor = visit()
    visitor.hears(Heard.ACKNOWLEDGED)
    service.cut(Cut.RESET)

    visitor.hears(Heard.UNKNOWN)


def test_a_service_that_is_silent_is_given_up_and_the_schedule_kept(visit: Visit, service: FaultyService) -> None:
    """Visits go on while others hang; each hangs for the visitor's patience and not longer."""
    visitor = visit()
    visitor.hears(Heard.ACKNOWLEDGED)
    cut = service.cut(Cut.BLACKHOLE)

    rows = visitor.hears(Heard.UNKNOWN, times=30, since=cut)
    healed = service.heal()
    visitor.hears(Heard.ACKNOWLEDGED, since=healed)

    lasted = rows["done"] - rows["sent"]
    assert np.median(lasted) < 400_000_000
    assert (lasted > 290_000_000).all()
    assert np.median(np.diff(np.sort(rows["sent"]))) < 25_000_000


def test_a_service_that_is_back_is_reached_at_once(visit: Visit, service: FaultyService) -> None:
    """Nothing left over from the outage gets in the way of the visits after it."""
    visitor = visit(patience=5)
    visitor.hears(Heard.ACKNOWLEDGED)
    service.cut(Cut.RESET)
    visitor.hears(Heard.UNKNOWN)
    healed = service.heal()

    visitor.hears(Heard.ACKNOWLEDGED, since=healed)

    rows = visitor.rows()
    assert (rows[rows["sent"] > healed]["heard"] == Heard.ACKNOWLEDGED).all()


def test_a_name_that_does_not_resolve_refuses(visit: Visit, here: Place) -> None:
    visitor = visit()
    visitor.hears(Heard.ACKNOWLEDGED)
    here.publish({})

    visitor.hears(Heard.REFUSED)


def test_a_resolver_that_died_refuses(visit: Visit, here: Place) -> None:
    visitor = visit()
    visitor.hears(Heard.ACKNOWLEDGED)
    here.resolver.kill()

    visitor.hears(Heard.REFUSED)


def test_a_visitor_that_resolves_each_time_follows_the_name_at_once(visit: Visit, here: Place) -> None:
    visitor = visit(follows="fresh")
    visitor.hears(Heard.ACKNOWLEDGED)
    moved = _moved_away(here)

    visitor.hears(Heard.REFUSED, since=moved)

    rows = visitor.rows()
    assert not (rows["heard"][rows["sent"] > moved] == Heard.ACKNOWLEDGED).any()


def test_a_visitor_that_keeps_answers_stays_until_their_ttl_is_over(visit: Visit, here: Place) -> None:
    """A minute, at the pace of real time."""
    visitor = visit(follows="ttl", pace=1)
    visitor.hears(Heard.ACKNOWLEDGED)

    visitor.hears(Heard.ACKNOWLEDGED, times=20, since=_moved_away(here))


def test_a_visitor_that_keeps_answers_leaves_when_their_ttl_is_over(visit: Visit, here: Place) -> None:
    """60 s at a pace of 0.01."""
    visitor = visit(follows="ttl", pace=0.01)
    visitor.hears(Heard.ACKNOWLEDGED)

    visitor.hears(Heard.REFUSED, since=_moved_away(here))


def _moved_away(here: Place) -> int:
    """Let the name point where nobody is; returns when that was so."""
    here.publish({NAME: here.block.next(1)})
    return time.monotonic_ns()


def test_rows_outlive_the_visitors_violent_death(visit: Visit, service: FaultyService) -> None:
    """Every acknowledgement up to then is whole and on file, and stored."""
    visitor = visit(hz=100, patience=10)
    visitor.hears(Heard.ACKNOWLEDGED, times=30)
    visitor.process.kill()

    assert visitor.file.stat().st_size % LEDGER.itemsize == 0
    stored = {row["seq"] for row in service.stored.values()}
    assert {int(row["seq"]) for row in visitor.rows() if row["heard"] == Heard.ACKNOWLEDGED} <= stored


def test_a_visitor_whose_ledger_cannot_be_written_ends(visit: Visit, here: Place) -> None:
    """A visit that left no trace would look like silence."""
    (here.folder / "visitor.bin").symlink_to("/dev/full")

    visitor = visit()

    assert visitor.process.wait(SOON)
    assert visitor.process.exit_code == 1
    assert "No space left on device" in visitor.log.read_text()
