"""A cron expression of a backup plan tells when its runs were due."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import islice

import pytest

from harness.aws_rules.schedules import read_schedule

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def test_a_daily_plan_ran_today_and_each_day_before() -> None:
    runs = list(islice(read_schedule("cron(0 5 ? * * *)").before(NOON), 3))
    assert runs == [datetime(2026, 3, 1, 5, tzinfo=UTC) - timedelta(days=days) for days in range(3)]
    assert next(read_schedule("cron(0 5 ? * * *)").before(NOON.replace(hour=5))).day == 28


@pytest.mark.parametrize(
    ("expression", "pause"),
    [
        ("cron(0 5 ? * * *)", timedelta(days=1)),
        ("cron(30 * * * ? *)", timedelta(hours=1)),
        ("cron(0 0/12 * * ?)", timedelta(hours=12)),
        ("cron(0,10 1-2 * * ? *)", timedelta(hours=22, minutes=50)),
    ],
)
def test_the_longest_pause_is_what_a_schedule_exposes(expression: str, pause: timedelta) -> None:
    assert read_schedule(expression).longest_pause() == pause


@pytest.mark.parametrize(
    "wrong", ["rate(1 day)", "cron(0 5 1 * ? *)", "cron(0 24 * * ? *)", "cron(0 5)", "cron(x 5 * * ?)"]
)
def test_what_is_not_understood_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        read_schedule(wrong)
