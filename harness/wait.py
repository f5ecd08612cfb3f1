"""The one waiting loop. Every wait has a name, a deadline and a clock."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

from harness.clock import Clock, SystemClock, in_words, span
from harness.errors import NeverHappened

T = TypeVar("T")


def until(
    what: str,
    condition: Callable[[], T],
    *,
    within: timedelta,
    clock: Clock | None = None,
    every: timedelta = timedelta(milliseconds=20),
) -> T:
    """Call `condition` until it is truthy and return what it gave.

    Raises NeverHappened when `within` has passed. The condition is looked at once more at the deadline, so a slow
    machine cannot turn a truth into a time-out.
    """
    clock = clock or SystemClock()
    start = clock.now()
    while True:
        overdue = span(start, clock.now()) >= within
        if result := condition():
            return result
        if overdue:
            raise NeverHappened(f"{what} did not happen within {in_words(within)}")
        clock.pause(every)
