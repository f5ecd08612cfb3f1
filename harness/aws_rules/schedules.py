"""AWS's cron expressions, as far as backup schedules use them: which runs there have been, and how far apart they are.

    cron(minute hour day-of-month month day-of-week [year])

Only minutes and hours may choose; a schedule that leaves out days is refused, because nothing here needs one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

_CRON = re.compile(r"^cron\((\S+) (\S+) (\S+) (\S+) (\S+)(?: (\S+))?\)$")
DEFAULT = "cron(0 5 ? * * *)"
"""Of a rule that gives no schedule (AWS Backup API Reference, BackupRuleInput, ScheduleExpression)."""
_ANY = frozenset({"*", "?"})
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Schedule:
    """The times of a day, in minutes after midnight (UTC), at which something is done every day."""

    minutes: tuple[int, ...]

    def before(self, moment: datetime) -> Iterator[datetime]:
        """The runs that were due before a moment, the latest first, without end."""
        day = moment.replace(hour=0, minute=0, second=0, microsecond=0)
        while True:
            for minute in reversed(self.minutes):
                due = day + timedelta(minutes=minute)
                if due < moment:
                    yield due
            day -= _DAY

    def longest_pause(self) -> timedelta:
        """The longest time between two runs."""
        following = (*self.minutes[1:], self.minutes[0] + 24 * 60)
        return max(timedelta(minutes=later - earlier) for earlier, later in zip(self.minutes, following, strict=True))


def read_schedule(expression: str) -> Schedule:
    """Read a cron expression. Raises ValueError for one that is not understood."""
    found = _CRON.match(expression)
    if found is None:
        raise ValueError(f"{expression} is not a cron expression of five or six fields")
    minute, hour, *days = found.groups(default="*")
    if not set(days) <= _ANY:
        raise ValueError(f"{expression} leaves out days, which is not understood here")
    times = {60 * h + m for h in _field(hour, 24) for m in _field(minute, 60)}
    return Schedule(tuple(sorted(times)))


def _field(text: str, size: int) -> set[int]:
    """The values of a field: a list of `*`, numbers, ranges and steps."""
    values: set[int] = set()
    for part in text.split(","):
        span, _, step = part.partition("/")
        first, _, last = span.partition("-")
        start = 0 if first in _ANY else int(first)
        end = int(last) if last else (size - 1 if first in _ANY or step else start)
        if not 0 <= start <= end < size or (step and int(step) < 1):
            raise ValueError(f"{part} is not within 0 to {size - 1}")
        values |= set(range(start, end + 1, int(step) if step else 1))
    return values
