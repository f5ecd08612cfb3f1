"""One direct writer: its numbered writes, its schedule, and the write that is under way."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from typing import NamedTuple

from harness.heard import Heard, ReadBack, content, digest
from harness.workload.ledger_file import LedgerFile
from harness.workload.link import Link
from harness.workload.terms import WriterTerms

_PAUSE = 20_000_000
"""Nanoseconds after a failure before the next attempt."""
_DRAFTS = 16
"""Writes drafted together, while answers are awaited: few enough that no answer waits for long."""


class _Draft(NamedTuple):
    """A write that was not sent yet."""

    seq: int
    values: tuple[bytes, ...]
    digest: int


class Writer:
    """At most one write is under way, since `sent` (0: none). Due times that pass meanwhile are skipped."""

    def __init__(self, number: int, terms: WriterTerms, ledger: LedgerFile, now: int) -> None:
        self.link: Link | None = None
        self.sent = 0
        self._interval = round(1e9 * len(terms.writers) / terms.rate) if terms.rate else 0
        self._due = now + self._interval * terms.writers.index(number) // len(terms.writers)
        self.ready = self._due
        """When the next write may begin."""
        self._number = number
        self._terms = terms
        self._put = ledger.put
        self._random = random.Random()
        self._drafts = self._drafted()
        self._draft = self._next = next(self._drafts)

    @property
    def values(self) -> tuple[bytes, ...]:
        """What the write consists of, in the insert's order."""
        return self._draft.values

    def begin(self, now: int) -> None:
        """The next write is under way."""
        if not self._interval or self._due < now - self._interval:
            self._due = now
        self.sent = now

    def look_ahead(self) -> None:
        """Draft the write after this one, now that there is nothing to do but wait for the answer."""
        self._next = next(self._drafts)

    def heard(self, heard: Heard, done: int) -> None:
        """Put on file what was heard of the write; then it is over. Raises OSError when it is not on file."""
        good, draft = heard is Heard.ACKNOWLEDGED, self._draft
        self._put((
            draft.seq, self._due, self.sent, done, done if good else 0, draft.digest, self._number, heard,
            ReadBack.NOT_TRIED, 0,
        ))  # fmt: skip
        self.sent = 0
        self._due += self._interval
        self.ready = self._due if good else max(self._due, done + _PAUSE)
        if self._next is draft:
            self.look_ahead()
        self._draft = self._next

    def _drafted(self) -> Iterator[_Draft]:
        """The writes to send, made many at a time: between two answers the processor's caches have gone cold."""
        for first in itertools.count(1, _DRAFTS):
            yield from [self._drafted_as(seq) for seq in range(first, first + _DRAFTS)]

    def _drafted_as(self, seq: int) -> _Draft:
        salt = self._random.getrandbits(64)
        payload = f"write {self._number}:{seq} {salt:016x}"
        project, user = salt % self._terms.projects + 1, salt % self._terms.users + 1
        values = b"%d" % project, b"%d" % user, b"%d" % self._number, b"%d" % seq, payload.encode()
        return _Draft(seq, values, digest(content(project, user, payload)))
