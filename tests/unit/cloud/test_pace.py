"""Paced time keeps its appointments in order, drops them when it closes, and records what fails."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest

from harness.cloud.pace import PacedTime
from harness.facts import Problem
from harness.wait import until

HOUR = timedelta(hours=1)


@pytest.fixture
def facts() -> list[object]:
    return []


@pytest.fixture
def at_once(facts: list[object]) -> Iterator[PacedTime]:
    pace = PacedTime(0, facts.append)
    yield pace
    pace.close()


def test_aws_time_is_scaled_down_to_a_floor(facts: list[object]) -> None:
    pace = PacedTime(0.01, facts.append)
    pace.close()

    assert pace.scaled(timedelta(minutes=5)) == timedelta(seconds=3)
    assert pace.scaled(timedelta(seconds=1), at_least=timedelta(milliseconds=50)) == timedelta(milliseconds=50)


def test_at_pace_zero_an_hour_is_over_at_once(at_once: PacedTime) -> None:
    done = threading.Event()

    at_once.later(HOUR, "an hour", done.set)

    assert done.wait(5)


def test_appointments_are_kept_in_order_of_time(facts: list[object]) -> None:
    pace = PacedTime(0.001, facts.append)
    seen: list[str] = []
    done = threading.Event()
    pace.later(timedelta(seconds=100), "second", lambda: seen.append("second"))
    pace.later(timedelta(seconds=200), "third", done.set)
    pace.later(timedelta(seconds=10), "first", lambda: seen.append("first"))

    assert done.wait(5)
    pace.close()
    assert seen == ["first", "second"]


def test_what_is_not_due_is_dropped_at_the_end(facts: list[object]) -> None:
    pace = PacedTime(1, facts.append)
    seen: list[str] = []
    pace.later(HOUR, "never", lambda: seen.append("never"))
    pace.close()
    pace.later(timedelta(0), "too late", lambda: seen.append("too late"))
    pace.behind("too late", lambda: seen.append("too late"))

    assert seen == []


def test_what_fails_behind_is_a_problem_of_the_drill(at_once: PacedTime, facts: list[object]) -> None:
    """Nobody waits for it, so it must not be lost."""

    def fail() -> None:
        raise ValueError("no such thing")

    at_once.behind("an errand", fail)

    until("it is recorded", lambda: facts, within=timedelta(seconds=5))
    assert facts == [Problem("cloud: an errand", "ValueError: no such thing")]
