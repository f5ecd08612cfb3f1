"""A drill that ended before its time: what it had not done by then is not measured, and is no failure."""

from __future__ import annotations

from harness.facts import Problem
from harness.record import Record

WHERE = "drill"
"""Where the problem is that says so: the drill's own finalizer writes it, or whoever salvages what a dead one left."""


def broken_off(record: Record) -> bool:
    """Whether the drill was interrupted, gave up or died on the way."""
    return any(problem.where == WHERE for problem in record.all(Problem))
