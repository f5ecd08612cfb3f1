"""Time in CloudWatch is counted in periods and told in the time of who asks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from harness.clock import FakeClock
from harness.cloud.services.cloudwatch.store import Metrics, Periods, Sample, Series

SERIES = Series("us-east-1", "n", "m", frozenset())
MINUTE = timedelta(minutes=1)


def metrics(length: timedelta) -> tuple[Metrics, FakeClock]:
    clock = FakeClock()
    return Metrics(Periods(clock, length)), clock


def run(store: Metrics, clock: FakeClock, values: list[float | None]) -> None:
    """One value a period, None for a period without."""
    for value in values:
        store.periods.begin_next()
        if value is not None:
            store.put(SERIES, Sample.of(value))
        clock.advance(store.periods.length.total_seconds() / 2)


def test_a_fast_drill_fills_minutes() -> None:
    """Twelve periods of 50 ms are twelve minutes for who asks."""
    store, clock = metrics(timedelta(milliseconds=50))
    run(store, clock, [float(n) for n in range(12)])
    now = datetime.now(UTC)

    found = store.datapoints(SERIES, now - 10 * MINUTE, now + MINUTE, 60)

    assert [point.sample.total for point in found] == [2, 3, 4, 5, 6, 7, 8, 9, 10, 11]
    assert {b.at - a.at for a, b in pairwise(found)} == {MINUTE}


def test_longer_periods_merge_samples() -> None:
    store, clock = metrics(timedelta(milliseconds=50))
    run(store, clock, [1.0] * 20)
    now = datetime.now(UTC)

    found = store.datapoints(SERIES, now - timedelta(hours=1), now, 300)

    assert sum(point.sample.count for point in found) == 20
    assert max(point.sample.count for point in found) == 5


def test_a_period_without_a_sample_is_a_hole_and_not_a_zero() -> None:
    store, clock = metrics(timedelta(milliseconds=50))
    run(store, clock, [1.0, None, 3.0, None])

    assert [sample and sample.total for sample in store.windows(SERIES, 1, 4)] == [1.0, None, 3.0, None]
    assert [sample and sample.count for sample in store.windows(SERIES, 2, 2)] == [1, 1]


def test_a_sample_dated_by_its_sender_is_found_there() -> None:
    store, clock = metrics(timedelta(milliseconds=50))
    run(store, clock, [None] * 10)
    now = datetime.now(UTC)
    store.put(SERIES, Sample.of(7), now - 4 * MINUTE)

    assert store.datapoints(SERIES, now - 2 * MINUTE, now, 60) == []
    assert [p.sample.total for p in store.datapoints(SERIES, now - 7 * MINUTE, now - 3 * MINUTE, 60)] == [7]


def test_statistics_of_merged_samples() -> None:
    merged = Sample.of(2).merged(Sample.of(6, "Count")).merged(Sample(2, 4, 1, 3))

    wanted = {"Average": 3.0, "Sum": 12, "Minimum": 1, "Maximum": 6, "SampleCount": 4}
    assert {name: merged.statistic(name) for name in wanted} == wanted
