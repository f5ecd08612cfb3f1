"""Whether each writer number of a client really worked from before the strike to the end."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import numpy as np

from harness.clock import span
from harness.facts import ClientKind, ClientStarted
from harness.heard import Heard
from harness.ledger import Rows
from harness.measure.rows import Instants, answered, chosen, chunks
from harness.record import ClientActivity

_OVERLAP = 5_000_000_000
"""Nanoseconds by which rows may stand in another order than they were sent in: more than any request lasts."""

_DISORDER = 4096
"""Numbers by which rows may stand in another order: more than any client has under way."""
_ROUNDING = 1_000
"""Nanoseconds by which an interval may be another than the log tells it."""


def activities(
    rows: Rows, started: ClientStarted, struck: int | None, restored: int | None
) -> Iterator[ClientActivity]:
    """What each writer number of a client did: one that is silent is not hidden by another that is busy."""
    return (activity(rows, started, struck, restored, writer=writer) for writer in started.writers)


def activity(
    rows: Rows, started: ClientStarted, struck: int | None, restored: int | None, *, writer: int
) -> ClientActivity:
    """What one of them did. Without a strike every acknowledgement is one before it; without a recovery none after."""
    before = after = answers = 0
    silence, numbers, schedule = _Silence(), _Numbers(), _Schedule(started)
    for piece in chunks(rows):
        chunk = chosen(piece, piece["writer"] == writer)
        if not len(chunk):
            continue
        silence.add(chunk["sent"])
        numbers.add(chunk["seq"].astype(np.int64))
        schedule.add(chunk)
        done = answered(chunk)
        acked = done["acked"][done["heard"] == Heard.ACKNOWLEDGED]
        answers += len(done)
        before += len(acked) if struck is None else int(np.count_nonzero(acked < struck))
        after += 0 if restored is None else int(np.count_nonzero(acked >= restored))
    silence.close()
    return ClientActivity(
        client=started.client,
        kind=started.kind,
        rows=answers,
        acknowledged_before=before,
        acknowledged_after=after,
        first=silence.first,
        last=silence.last,
        longest_silence=silence.longest,
        writer=writer,
        missing=numbers.missing(),
        off_schedule=schedule.off,
    )


class _Numbers:
    """How many numbers of 1 to the highest have no row; they come almost in order."""

    def __init__(self) -> None:
        self._next = 1
        self._missing = 0
        self._kept: Instants = np.empty(0, np.int64)

    def add(self, seq: Instants) -> None:
        known = np.sort(np.concatenate([self._kept, seq[seq >= self._next]]), kind="stable")  # almost sorted: fast
        known = known[np.append(True, known[1:] != known[:-1])[: len(known)]]
        self._kept = known[-_DISORDER:]
        self._settle(known[:-_DISORDER])

    def missing(self) -> int:
        """All that were never added, now that no more come."""
        self._settle(self._kept)
        self._kept = self._kept[:0]
        return self._missing

    def _settle(self, known: Instants) -> None:
        if len(known):
            self._missing += int(known[-1]) + 1 - self._next - len(known)
            self._next = int(known[-1]) + 1


class _Schedule:
    """How many due times are not one interval after the one before, of a client that does not wait for answers."""

    def __init__(self, started: ClientStarted) -> None:
        keeps = started.kind in {ClientKind.VISITOR, ClientKind.READER}
        self._every = round(started.every.total_seconds() * 1e9) if keeps else 0
        self._last: Rows | None = None
        self.off = 0

    def add(self, rows: Rows) -> None:
        if not self._every:
            return
        rows = rows.take(np.argsort(rows["seq"], kind="stable"))
        known = rows if self._last is None else np.concatenate([self._last, rows])
        steps, between = np.diff(known["seq"].astype(np.int64)), np.diff(known["due"])
        self.off += int(np.count_nonzero(np.abs(between - steps * self._every) > _ROUNDING * (np.abs(steps) + 1)))
        self._last = rows[-1:].copy()


class _Silence:
    """The longest time between two instants that follow each other; they come almost in order."""

    def __init__(self) -> None:
        self.first: int | None = None
        self.last: int | None = None
        self.longest = timedelta(0)
        self._kept: Instants = np.empty(0, np.int64)

    def add(self, instants: Instants) -> None:
        known = np.sort(np.concatenate([self._kept, instants]), kind="stable")
        self.first = int(known[0]) if self.first is None else min(self.first, int(known[0]))
        self.last = int(known[-1])
        begin = int(np.searchsorted(known, known[-1] - _OVERLAP))
        self._kept = known[begin:]
        self._look(known[: begin + 1])

    def close(self) -> None:
        """Look at what was kept for a later piece."""
        self._look(self._kept)

    def _look(self, known: Instants) -> None:
        if len(known) > 1:
            self.longest = max(self.longest, span(0, int(np.diff(known).max())))
