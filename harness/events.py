"""The one log of a drill: facts appended to `events.jsonl`, each on disk before the next thing happens.

A line is `{"at": monotonic ns, "wall": ISO time, "kind": class name, "fact": {...}}`. Timeline, journal and record are
folds of these lines; `harness.facts` lists the classes.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic_core import to_jsonable_python

from harness.clock import Clock, Instant, SystemClock
from harness.errors import EvidenceError


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the log, its fact still plain data."""

    at: Instant
    wall: datetime
    kind: str
    fact: dict[str, Any]


class EventLog:
    """Append-only and safe to share between threads. After `close`, facts are dropped: the drill is over."""

    def __init__(self, path: Path, clock: Clock | None = None) -> None:
        self.path = path
        self._clock = clock or SystemClock()
        self._lock = threading.Lock()
        self._file = path.open("ab", buffering=0)

    def write(self, fact: object, *, at: Instant | None = None, durable: bool = True) -> Instant:
        """Append a dataclass instance and return when it happened (`at`, or now).

        With `durable` the line has reached the disk when this returns; without, it survives the death of the harness
        but not that of the host.
        """
        with self._lock:
            moment = self._clock.now() if at is None else at
            line = {
                "at": moment,
                "wall": self._clock.wall().isoformat(),
                "kind": type(fact).__name__,
                "fact": to_jsonable_python(fact),
            }
            if not self._file.closed:
                self._append(json.dumps(line, separators=(",", ":")).encode() + b"\n")
                if durable:
                    os.fsync(self._file.fileno())
            return moment

    def _append(self, line: bytes) -> None:
        """Write the whole line, or take what was written of it back: a full disk must not damage the log."""
        begin = os.fstat(self._file.fileno()).st_size
        left = memoryview(line)
        try:
            while left:
                left = left[self._file.write(left) :]
        except OSError:
            self._file.truncate(begin)
            raise

    def close(self) -> None:
        with self._lock:
            self._file.close()


def read_events(path: Path) -> Iterator[Event]:
    """The events of a log, in order, without a last line cut short by a crash. Other damage raises EvidenceError."""
    lines = path.read_bytes().split(b"\n")
    for number, line in enumerate(lines, start=1):
        if not line:
            continue
        try:
            raw = json.loads(line)
            yield Event(Instant(raw["at"]), datetime.fromisoformat(raw["wall"]), raw["kind"], raw["fact"])
        except (ValueError, KeyError, TypeError) as error:
            if number == len(lines):
                return
            raise EvidenceError(f"{path.name} line {number} is not an event: {error}") from error
