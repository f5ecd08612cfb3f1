"""Direct writers: each thread has one write in flight at the database's name and writes down what it heard.

With a rate the writes have due times; those that pass while one is unanswered are skipped, for this client measures
which writes are kept, not how long they take. A write that cannot be sent is refused and has a row as well. Run as
`python -m harness.workload.writer_program NAME` with its terms on standard input; SIGTERM ends it after the writes in
flight, with exit code 0.
"""

from __future__ import annotations

import itertools
import random
import signal
import sys
import threading
import time
import traceback
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from psycopg.conninfo import make_conninfo

from harness.dial import CachingResolver, NameNotFound
from harness.heard import Heard, ReadBack, content, digest
from harness.workload.ledger_file import LedgerFile
from harness.workload.link import Link, NotConnected
from harness.workload.terms import WriterTerms, directory_of, terms_of

_PAUSE = 0.02
"""Seconds after a failure before the next attempt."""
_LOOK_EVERY = 0.02
"""Seconds between two looks for a write that got no answer."""
_DRAFTS = 64


class _Draft(NamedTuple):
    """A write that was not sent yet."""

    seq: int
    values: tuple[bytes, ...]
    digest: int


class Writer(threading.Thread):
    """One writer number and its connection."""

    def __init__(self, number: int, terms: WriterTerms, names: CachingResolver, ledger: LedgerFile) -> None:
        super().__init__(name=f"writer-{number}", daemon=True)
        self.failed = False
        self._number = number
        self._terms = terms
        self._names = names
        self._ledger = ledger
        self._stopped = threading.Event()
        self._link: Link | None = None
        self._busy_since = 0
        self._random = random.Random()

    def run(self) -> None:
        try:
            self._write_until_stopped()
        except Exception:  # the end of a thread; the process then ends with 1
            traceback.print_exc()
            self.failed = True

    def stop(self) -> None:
        self._stopped.set()

    def give_up(self, before: int) -> None:
        """Hang up on a write that was sent before that instant and is still unanswered."""
        link, since = self._link, self._busy_since
        if link and 0 < since < before:
            link.hang_up()

    def _write_until_stopped(self) -> None:
        interval = round(1e9 * len(self._terms.writers) / self._terms.rate) if self._terms.rate else 0
        offset = interval * self._terms.writers.index(self._number) // len(self._terms.writers)
        due, drafts = time.monotonic_ns() + offset, self._drafts()
        draft = next(drafts)
        while not self._stopped.is_set():
            now = time.monotonic_ns()
            if due > now:
                self._stopped.wait((due - now) / 1e9)
                continue
            if not interval or due < now - interval:
                due = now
            if not self._write(draft, due, now):
                self._stopped.wait(_PAUSE)
            draft = next(drafts)
            due += interval
        self._hang_up()

    def _drafts(self) -> Iterator[_Draft]:
        """The writes to send, made many at a time: between two answers the processor's caches have gone cold."""
        for first in itertools.count(1, _DRAFTS):
            yield from [self._draft(seq) for seq in range(first, first + _DRAFTS)]

    def _draft(self, seq: int) -> _Draft:
        salt = self._random.getrandbits(64)
        payload = f"write {self._number}:{seq} {salt:016x}"
        project, user = salt % self._terms.projects + 1, salt % self._terms.users + 1
        values = b"%d" % project, b"%d" % user, b"%d" % self._number, b"%d" % seq, payload.encode()
        return _Draft(seq, values, digest(content(project, user, payload)))

    def _write(self, draft: _Draft, due: int, sent: int) -> bool:
        """Send one write and note what was heard; true when it was acknowledged."""
        self._busy_since = sent
        link = self._link or self._connect()
        heard = link.insert(draft.values) if link else Heard.REFUSED
        done = time.monotonic_ns()
        self._busy_since = 0
        good = heard is Heard.ACKNOWLEDGED
        self._ledger.put(
            (draft.seq, due, sent, done, done if good else 0, draft.digest, self._number, heard, ReadBack.NOT_TRIED, 0)
        )
        if link and not good and not link.is_sound():
            self._hang_up()
        return good

    def _connect(self) -> Link | None:
        try:
            self._link = Link(self._conninfo(), self._terms.patience)
            self._link.prepare()
        except (NotConnected, NameNotFound):
            self._hang_up()
        return self._link

    def _hang_up(self) -> None:
        if self._link:
            self._link.close()
        self._link = None

    def _conninfo(self) -> bytes:
        terms = self._terms
        return make_conninfo(
            host=terms.host,
            hostaddr=self._names.resolve(terms.host).addresses[0],
            port=terms.port,
            user=terms.user,
            password=terms.password,
            dbname=terms.database,
            application_name="drill writer",
            sslmode="disable",
            gssencmode="disable",
        ).encode()


def main() -> int:
    """Write until SIGTERM; 1 when a writer ended by itself."""
    terms = terms_of(WriterTerms, sys.stdin)
    ledger, names = LedgerFile(terms.file), CachingResolver(directory_of(terms))
    writers = [Writer(number, terms, names, ledger) for number in terms.writers]
    stopped = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopped.set())
    for writer in writers:
        writer.start()
    while all(writer.is_alive() for writer in writers) and not stopped.wait(_LOOK_EVERY):
        _give_up(writers, terms.patience)
    for writer in writers:
        writer.stop()
    for writer in writers:
        while writer.is_alive():
            writer.join(_LOOK_EVERY)
            _give_up(writers, terms.patience)
    ledger.close()
    return int(any(writer.failed for writer in writers))


def _give_up(writers: Sequence[Writer], patience: float) -> None:
    before = time.monotonic_ns() - round(patience * 1e9)
    for writer in writers:
        writer.give_up(before)


if __name__ == "__main__":
    sys.exit(main())
