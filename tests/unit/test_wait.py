from collections.abc import Callable
from datetime import timedelta

import pytest

from harness.clock import FakeClock
from harness.errors import NeverHappened
from harness.wait import until


def after(calls: int) -> Callable[[], int]:
    seen = 0

    def look() -> int:
        nonlocal seen
        seen += 1
        return seen if seen > calls else 0

    return look


def test_it_returns_what_the_condition_gave() -> None:
    assert until("third look", after(2), within=timedelta(seconds=1), clock=FakeClock()) == 3


def test_the_deadline_names_what_never_happened() -> None:
    with pytest.raises(NeverHappened, match="standby writable did not happen within 2 s"):
        until("standby writable", lambda: False, within=timedelta(seconds=2), clock=FakeClock())


def test_a_condition_that_came_true_during_a_long_pause_is_still_seen() -> None:
    """A machine that was busy past the deadline must not turn a truth into a time-out."""
    clock = FakeClock()
    states = iter([False, True])

    def look() -> bool:
        clock.advance(seconds=60)
        return next(states)

    assert until("slow truth", look, within=timedelta(seconds=2), clock=clock)


def test_a_condition_that_is_true_at_once_costs_no_pause() -> None:
    clock = FakeClock()
    until("now", lambda: True, within=timedelta(0), clock=clock)
    assert clock.now() == 0
