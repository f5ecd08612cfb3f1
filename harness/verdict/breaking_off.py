"""A drill that ended before its time: what it had not done by then is not measured, and is no failure."""

from __future__ import annotations

from harness.facts import WHOLE_DRILL, Problem
from harness.record import Record


def broken_off(record: Record) -> bool:
    """Whether the drill was interrupted, gave up or died on the way.

    The drill's own finalizer says so, or whoever salvages what a dead one left.
    """
    return any(problem.where == WHOLE_DRILL for problem in record.all(Problem))
