"""How starved this host is, as its kernel says: a service that failed while nothing could run has not shown a fault.

Linux counts the time in which some task was ready and had no processor (pressure stall information, kernel
documentation accounting/psi.rst). Where the kernel does not count it, nothing is said, and a failure stays a failure.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from harness.clock import Clock, Instant, SystemClock, span
from harness.facts import HostStarved

SOURCE = Path("/proc/pressure/cpu")
STARVED = 0.9
"""The share of a window in which somebody waited for a processor. A drill alone on two cores stays below a half."""
WINDOW = timedelta(milliseconds=100)
SHORTEST = timedelta(milliseconds=250)


class PressureWatch:
    """Notes each stretch of time in which the host was starved, for as long as it watches."""

    def __init__(
        self, note: Callable[[HostStarved], object], clock: Clock | None = None, source: Path = SOURCE
    ) -> None:
        self._note = note
        self._clock = clock or SystemClock()
        self._source = source
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="host pressure", daemon=True)

    def start(self) -> None:
        if _waited(self._source) is not None:
            self._thread.start()

    def stop(self) -> None:
        """Note a stretch that is still going on, and watch no more."""
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        began: Instant | None = None
        at, waited = self._clock.now(), _waited(self._source)
        while waited is not None:
            over = self._ended.wait(WINDOW.total_seconds())
            now, now_waited = self._clock.now(), _waited(self._source)
            if now_waited is None:
                return
            starved = (now_waited - waited) * 1000 >= STARVED * (now - at)
            if starved and began is None:
                began = at
            if began is not None and (over or not starved):
                self._tell(began, now if starved else at)
                began = None
            if over:
                return
            at, waited = now, now_waited

    def _tell(self, began: Instant, ended: Instant) -> None:
        if span(began, ended) >= SHORTEST:
            self._note(HostStarved(began, ended))


def _waited(source: Path) -> int | None:
    """Microseconds in which some task waited for a processor since the host started; None where nobody counts."""
    try:
        some = source.read_text().splitlines()[0]
        return int(some.rpartition("total=")[2])
    except (OSError, ValueError, IndexError):
        return None
