"""Metrics, with time counted in metric periods.

RDS publishes once a minute. At the drill's pace that minute is short (0.6 s at pace 0.01), while every client keeps
asking in wall time: `StartTime=now - 10 min, EndTime=now, Period=60`. So a datapoint is stored under the number of its
period, and when asked for it is dated backwards from the moment of asking, 60 s a period: the newest is at most a
minute old, the one before it a minute older, whatever the pace. A window of ten minutes therefore holds ten
datapoints, as on AWS, and covers the last six real seconds at pace 0.01. At pace 1 this is plain wall time.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from harness.aws_rules.durations import METRIC_PERIOD
from harness.clock import Clock, span

_KEPT_PERIODS = 3000
Dimensions = frozenset[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Series:
    """One metric of one thing."""

    region: str
    namespace: str
    name: str
    dimensions: Dimensions


@dataclass(frozen=True, slots=True)
class Sample:
    """What was measured in one period, merged: CloudWatch keeps no single values."""

    count: float
    total: float
    low: float
    high: float
    unit: str = "None"

    @classmethod
    def of(cls, value: float, unit: str = "None") -> Sample:
        return cls(1, value, value, value, unit)

    def merged(self, other: Sample) -> Sample:
        return Sample(
            self.count + other.count,
            self.total + other.total,
            min(self.low, other.low),
            max(self.high, other.high),
            other.unit,
        )

    def statistic(self, name: str) -> float:
        """Average, Sum, Minimum, Maximum or SampleCount."""
        return {
            "Average": self.total / self.count if self.count else 0.0,
            "Sum": self.total,
            "Minimum": self.low,
            "Maximum": self.high,
            "SampleCount": self.count,
        }[name]


@dataclass(frozen=True, slots=True)
class Datapoint:
    """A sample and when it was taken, in the time of who asks."""

    at: datetime
    sample: Sample


@dataclass(slots=True)
class Periods:
    """Which metric period it is. A period lasts `length` in the drill's time."""

    clock: Clock
    length: timedelta
    current: int = 0
    began: int = field(default=0)

    def begin_next(self) -> int:
        self.current += 1
        self.began = self.clock.now()
        return self.current

    def age(self, period: int) -> timedelta:
        """How long ago in AWS's time the datapoint of a period was taken."""
        within = min(1.0, span(self.began, self.clock.now()) / self.length)
        return METRIC_PERIOD * (self.current - period + within)

    def at_age(self, age: timedelta) -> int:
        """The period of a moment that is `age` ago in AWS's time."""
        return self.current - max(0, int(age / METRIC_PERIOD))


class Metrics:
    """All metrics of both regions. Thread-safe."""

    def __init__(self, periods: Periods) -> None:
        self.periods = periods
        self._lock = threading.Lock()
        self._series: dict[Series, dict[int, Sample]] = {}

    def put(self, series: Series, sample: Sample, at: datetime | None = None) -> None:
        """Keep a sample of now, or of a wall time of who sends it."""
        period = self.periods.current if at is None else self.periods.at_age(datetime.now(UTC) - at)
        with self._lock:
            kept = self._series.setdefault(series, {})
            kept[period] = kept[period].merged(sample) if period in kept else sample
            if len(kept) > _KEPT_PERIODS:
                del kept[min(kept)]

    def datapoints(self, series: Series, start: datetime, end: datetime, period: int) -> list[Datapoint]:
        """The samples of [start, end), merged by `period` seconds and dated at its beginning, oldest first."""
        now = datetime.now(UTC)
        with self._lock:
            kept = sorted(self._series.get(series, {}).items())
        merged: dict[datetime, Sample] = {}
        for number, sample in kept:
            taken = now - self.periods.age(number)
            if start <= taken < end:
                seconds = int(taken.timestamp()) // period * period
                at = datetime.fromtimestamp(seconds, UTC)
                merged[at] = merged[at].merged(sample) if at in merged else sample
        return [Datapoint(at, sample) for at, sample in merged.items()]

    def windows(self, series: Series, periods_each: int, count: int) -> list[Sample | None]:
        """The last `count` windows of so many periods, oldest first; None where nothing was measured."""
        newest = self.periods.current
        with self._lock:
            kept = dict(self._series.get(series, {}))
        return [
            _merged(kept[p] for p in range(last - periods_each + 1, last + 1) if p in kept)
            for last in range(newest - periods_each * (count - 1), newest + 1, periods_each)
        ]

    def all_series(self, region: str) -> list[Series]:
        with self._lock:
            return [series for series in self._series if series.region == region]

    def __iter__(self) -> Iterator[Series]:
        with self._lock:
            return iter(tuple(self._series))


def _merged(samples: Iterable[Sample]) -> Sample | None:
    result: Sample | None = None
    for sample in samples:
        result = sample if result is None else result.merged(sample)
    return result
