"""Direct writers: each has one write in flight at the database's name and writes down what it heard.

With a rate the writes have due times; those that pass while one is unanswered are skipped, for this client measures
which writes are kept, not how long they take. A write that cannot be sent is refused and has a row as well. One thread
serves all connections, because threads that take turns at each answer cost an eighth of the rate; only connecting
happens beside it. Run as `python -m harness.workload.writer_program NAME` with its terms on standard input; SIGTERM
ends it after the writes in flight, with exit code 0.
"""

from __future__ import annotations

import os
import queue
import select
import signal
import sys
import time
from concurrent.futures import Future, ThreadPoolExecutor

from psycopg.conninfo import make_conninfo

from harness.dial import CachingResolver, NameNotFound
from harness.heard import Heard
from harness.workload.ledger_file import LedgerFile
from harness.workload.link import Link, NotConnected
from harness.workload.terms import WriterTerms, directory_of, terms_of
from harness.workload.writer import Writer

_LOOK_EVERY = 20_000_000
"""Nanoseconds between two looks for a write that got no answer."""


class Writers:
    """All writers of one process, on one thread."""

    def __init__(self, terms: WriterTerms, ledger: LedgerFile) -> None:
        self._terms = terms
        self._patience = round(terms.patience * 1e9)
        self._names = CachingResolver(directory_of(terms))
        now = time.monotonic_ns()
        self._writers = [Writer(number, terms, ledger, now) for number in terms.writers]
        self._idle = set(self._writers)
        self._connecting = ThreadPoolExecutor(len(self._writers), "connect")
        self._connected: queue.SimpleQueue[tuple[Writer, Future[Link]]] = queue.SimpleQueue()
        self._woken, self._wake = os.pipe()
        self._listening: dict[int, Writer] = {}
        self._stopped = False

    def stop(self) -> None:
        """Begin no other write."""
        self._stopped = True

    def run(self) -> None:
        """Write until stopped and until the last answer. Raises OSError when the ledger cannot be written."""
        look = 0
        while not self._stopped or len(self._idle) < len(self._writers):
            now = time.monotonic_ns()
            if now >= look:
                look = now + _LOOK_EVERY
                self._give_up(now - self._patience)
            self._begin_what_is_due(now)
            for descriptor in self._answered(look):
                if descriptor == self._woken:
                    self._take_connections()
                else:
                    self._hear(self._listening[descriptor])
        self._connecting.shutdown(wait=False)
        for writer in self._writers:
            self._hang_up(writer)

    def _answered(self, until: int) -> list[int]:
        """Wait for something to read, until the next write is due, or until that instant."""
        nearest = min((writer.ready for writer in self._idle), default=until)
        wait = max(0, min(nearest, until) - time.monotonic_ns())
        return select.select([self._woken, *self._listening], (), (), wait / 1e9)[0]

    def _begin_what_is_due(self, now: int) -> None:
        if not self._stopped:
            for writer in [writer for writer in self._idle if writer.ready <= now]:
                self._idle.discard(writer)
                self._begin(writer, now)

    def _begin(self, writer: Writer, now: int) -> None:
        writer.begin(now)
        if writer.link is not None:
            self._send(writer, writer.link)
        else:
            attempt = self._connecting.submit(self._connect)
            attempt.add_done_callback(lambda made: self._tell(writer, made))

    def _send(self, writer: Writer, link: Link) -> None:
        if link.send(writer.values):
            writer.look_ahead()
        else:
            self._over(writer, Heard.UNKNOWN)

    def _hear(self, writer: Writer) -> None:
        """Something came in for a writer."""
        link = writer.link
        assert link
        if not writer.sent:
            if not link.survives():
                self._hang_up(writer)
        elif (heard := link.answer()) is not None:
            self._over(writer, heard)

    def _over(self, writer: Writer, heard: Heard) -> None:
        """A write is over; the next one is begun where it is due at once."""
        now = time.monotonic_ns()
        writer.heard(heard, now)
        if heard is not Heard.ACKNOWLEDGED and writer.link and not writer.link.is_sound():
            self._hang_up(writer)
        if writer.ready <= now and not self._stopped:
            self._begin(writer, now)
        else:
            self._idle.add(writer)

    def _give_up(self, before: int) -> None:
        """Hang up on every write that was sent before that instant and is still unanswered."""
        for writer in self._writers:
            if writer.link and 0 < writer.sent < before:
                heard = writer.link.answer()
                if heard is None:
                    self._hang_up(writer)
                self._over(writer, Heard.UNKNOWN if heard is None else heard)

    def _connect(self) -> Link:
        terms = self._terms
        address = self._names.resolve(terms.host).addresses[0]
        conninfo = make_conninfo(
            host=terms.host,
            hostaddr=address,
            port=terms.port,
            user=terms.user,
            password=terms.password,
            dbname=terms.database,
            application_name="drill writer",
            sslmode="disable",
            gssencmode="disable",
        )
        return Link(conninfo.encode(), terms.patience)

    def _tell(self, writer: Writer, made: Future[Link]) -> None:
        self._connected.put((writer, made))
        os.write(self._wake, b".")

    def _take_connections(self) -> None:
        """Send on the connections that were made; where none was, the write is refused."""
        for _ in os.read(self._woken, len(self._writers)):
            writer, made = self._connected.get()
            try:
                link = writer.link = made.result()
            except (NotConnected, NameNotFound):
                self._over(writer, Heard.REFUSED)
                continue
            self._listening[link.descriptor] = writer
            if writer.sent < time.monotonic_ns() - self._patience:
                self._over(writer, Heard.REFUSED)
            else:
                self._send(writer, link)

    def _hang_up(self, writer: Writer) -> None:
        if writer.link:
            del self._listening[writer.link.descriptor]
            writer.link.close()
        writer.link = None


def main() -> int:
    """Write until SIGTERM."""
    terms = terms_of(WriterTerms, sys.stdin)
    ledger = LedgerFile(terms.file)
    writers = Writers(terms, ledger)
    signal.signal(signal.SIGTERM, lambda *_: writers.stop())
    try:
        writers.run()
    finally:
        ledger.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
