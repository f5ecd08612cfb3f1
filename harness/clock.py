"""Time as a parameter: the monotonic clock measures, the wall clock only labels.

Monotonic instants are integers of nanoseconds. On Linux and macOS every process of the host shares that clock, so
instants written by the clients' processes compare with those of the harness.
"""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta
from typing import NewType, Protocol

Instant = NewType("Instant", int)
"""A moment on the host's monotonic clock, in nanoseconds."""


class Clock(Protocol):
    """Two clocks and the only way to pause."""

    def now(self) -> Instant: ...
    def wall(self) -> datetime: ...
    def pause(self, duration: timedelta) -> None: ...


class SystemClock:
    """The host's own clocks."""

    def now(self) -> Instant:
        return Instant(time.monotonic_ns())

    def wall(self) -> datetime:
        return datetime.now(UTC)

    def pause(self, duration: timedelta) -> None:
        time.sleep(max(0.0, duration.total_seconds()))


class FakeClock:
    """A clock that moves only when told to; the wall clock may jump on its own."""

    def __init__(self, wall: datetime = datetime(2026, 1, 1, tzinfo=UTC)) -> None:
        self._now = 0
        self._wall = wall
        self._lock = threading.Lock()

    def now(self) -> Instant:
        return Instant(self._now)

    def wall(self) -> datetime:
        return self._wall

    def pause(self, duration: timedelta) -> None:
        self.advance(duration.total_seconds())

    def advance(self, seconds: float, wall_jump: float = 0) -> None:
        """Let `seconds` pass; the wall clock moves by `wall_jump` seconds more, as an NTP step would make it."""
        with self._lock:
            self._now += round(seconds * 1e9)
            self._wall += timedelta(seconds=seconds + wall_jump)


def span(start: int, end: int) -> timedelta:
    """The time between two instants, rounded to a microsecond."""
    return timedelta(microseconds=round((end - start) / 1000))


def in_words(seconds: float | timedelta) -> str:
    """A length of time at the precision that it deserves: 0 s, 38 ms, 3.42 s, 74 s, 15 min, 5 h 49 min, 2 d 3 h."""
    if isinstance(seconds, timedelta):
        return in_words(seconds.total_seconds())
    if seconds < 0:
        return f"−{in_words(-seconds)}"
    if seconds < 0.9995:
        return f"{seconds * 1000:.0f} ms" if seconds >= 0.0005 else "0 s"
    if seconds < 59.995:
        return f"{seconds:.2f}".rstrip("0").rstrip(".") + " s"
    return f"{seconds:.0f} s" if seconds < 119.5 and round(seconds) != 60 else _long(round(seconds))


def _long(seconds: int) -> str:
    if seconds < 3600:
        return _two(seconds // 60, "min", seconds % 60, "s")
    if seconds < 48 * 3600:
        minutes = round(seconds / 60)
        return _two(minutes // 60, "h", minutes % 60, "min")
    hours = round(seconds / 3600)
    return _two(hours // 24, "d", hours % 24, "h")


def _two(much: int, unit: str, rest: int, smaller: str) -> str:
    return f"{much} {unit} {rest} {smaller}" if rest else f"{much} {unit}"
