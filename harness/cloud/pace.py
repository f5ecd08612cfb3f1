"""AWS's durations at the drill's speed: one thread keeps the appointments, a small pool keeps them all moving."""

from __future__ import annotations

import heapq
import itertools
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from harness.facts import Problem

_NOW = timedelta(0)


class PacedTime:
    """What `harness.cloud.service.Pace` promises. `factor` is drill seconds for each AWS second; 0 is at once."""

    def __init__(self, factor: float, record: Callable[[object], object]) -> None:
        self.factor = factor
        self._record = record
        self._due: list[tuple[float, int, str, Callable[[], None]]] = []
        self._order = itertools.count()
        self._changed = threading.Condition()
        self._open = True
        self._pool = ThreadPoolExecutor(16, "cloud-work")
        self._thread = threading.Thread(target=self._keep_appointments, name="cloud-pace", daemon=True)
        self._thread.start()

    def scaled(self, aws_time: timedelta, *, at_least: timedelta = _NOW) -> timedelta:
        return max(aws_time * self.factor, at_least)

    def later(self, aws_time: timedelta, what: str, act: Callable[[], None], *, at_least: timedelta = _NOW) -> None:
        due = time.monotonic() + self.scaled(aws_time, at_least=at_least).total_seconds()
        with self._changed:
            if self._open:
                heapq.heappush(self._due, (due, next(self._order), what, act))
                self._changed.notify()

    def behind(self, what: str, act: Callable[[], None]) -> None:
        with self._changed:
            if self._open:
                self._pool.submit(self._run, what, act)

    def close(self) -> None:
        """Drop what is not due yet and wait for what is running."""
        with self._changed:
            self._open = False
            self._due.clear()
            self._changed.notify()
        self._thread.join()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _keep_appointments(self) -> None:
        while (appointment := self._next()) is not None:
            self.behind(*appointment)

    def _next(self) -> tuple[str, Callable[[], None]] | None:
        """Wait until something is due; None once closed."""
        with self._changed:
            while self._open:
                pause = self._due[0][0] - time.monotonic() if self._due else None
                if pause is not None and pause <= 0:
                    _, _, what, act = heapq.heappop(self._due)
                    return what, act
                self._changed.wait(pause)
            return None

    def _run(self, what: str, act: Callable[[], None]) -> None:
        try:
            act()
        except Exception as error:  # the boundary of a thread: recorded
            with self._changed:
                still_open = self._open
            if still_open:
                self._record(Problem(f"cloud: {what}", f"{type(error).__name__}: {error}"))
