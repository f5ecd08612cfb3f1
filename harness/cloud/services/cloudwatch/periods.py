"""The minute of CloudWatch: once a period every source is asked, then every alarm is judged."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Sequence
from datetime import timedelta

from harness.clock import SystemClock, span
from harness.cloud.services.cloudwatch.sources import Source
from harness.cloud.services.cloudwatch.store import Metrics

_LONGEST_ANSWER = timedelta(seconds=1)
"""A source that takes longer misses the period."""


class Minute:
    """One thread, until closed. A period begins when the last one is over and all sources have answered."""

    def __init__(self, metrics: Metrics, judge: Callable[[], None]) -> None:
        self._metrics = metrics
        self._judge = judge
        self._sources: Callable[[], Sequence[Source]] = tuple
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._run, name="cloudwatch-periods", daemon=True)

    def start(self, sources: Callable[[], Sequence[Source]]) -> None:
        """`sources` tells before each period whom to ask."""
        self._sources = sources
        self._thread.start()

    def close(self) -> None:
        self._closed.set()
        if self._thread.is_alive():
            self._thread.join()
        for source in self._sources():
            source.close()

    def _run(self) -> None:
        clock, length = SystemClock(), self._metrics.periods.length
        pause = timedelta(0)
        while not self._closed.wait(pause.total_seconds()):
            began = clock.now()
            self._metrics.periods.begin_next()
            self._collect(clock)
            self._judge()
            pause = max(timedelta(0), length - span(began, clock.now()))

    def _collect(self, clock: SystemClock) -> None:
        began = clock.now()
        for answer in [source.ask() for source in self._sources()]:
            left = _LONGEST_ANSWER - span(began, clock.now())
            try:
                measured = answer.get(timeout=max(0.0, left.total_seconds()))
            except queue.Empty:
                continue
            for series, sample in measured:
                self._metrics.put(series, sample)
