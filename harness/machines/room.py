"""Whether the drill's own places still have room: what fails for want of it is no failure of a recovery."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

from harness.facts import RoomRanOut
from harness.machines.disk import has_no_room, is_short_of_room

EVERY = timedelta(milliseconds=100)
"""Between two looks, each some microseconds; what filled a disk seldom goes away by itself."""


class RoomWatch:
    """Notes, once, each place that runs out of room: where the servers work, and where the evidence goes."""

    def __init__(self, note: Callable[[RoomRanOut], object], *, work: Path, evidence: Path) -> None:
        self._note = note
        self._watched: dict[Path, tuple[str, Callable[[Path], bool]]] = {
            evidence: ("evidence", has_no_room),
            work: ("servers", is_short_of_room),
        }
        self._looking = threading.Lock()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="room", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Look once more, and never again. May be called twice, and without a start."""
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join()
        self.look()

    def look(self) -> None:
        """What could not be noted, as on a disk that is full, is tried again at the next look."""
        with self._looking:
            for place, (of, ran_out) in tuple(self._watched.items()):
                if ran_out(place):
                    with suppress(OSError):
                        self._note(RoomRanOut(str(place), of))
                        del self._watched[place]

    def _run(self) -> None:
        while not self._ended.wait(EVERY.total_seconds()):
            self.look()
