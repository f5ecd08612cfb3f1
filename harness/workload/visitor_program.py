"""A visitor: on a fixed schedule it submits something at the public name, reads it back and writes down what it heard.

The schedule does not wait for answers, so a stall of the service is met by every request that was due in it; a request
that the visitor itself sends late keeps its due time. Run as `python -m harness.workload.visitor_program NAME` with its
terms on standard input; SIGTERM ends it after the answers that are still out, with exit code 0.
"""

from __future__ import annotations

import asyncio
import json
import random
import signal
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from harness.dial import CachingResolver, NameNotFound, resolve
from harness.heard import Heard, ReadBack, content, digest
from harness.workload.answers import heard_from, read_back_from
from harness.workload.ledger_file import LedgerFile
from harness.workload.terms import VisitorTerms, directory_of, terms_of
from harness.workload.web import Connections, Reply

_MOST_IN_FLIGHT = 400
"""More than one a visitor of 200 Hz can have while all hang; what is due beyond is refused and not sent."""
_RESOLVING_THREADS = 32


@dataclass(slots=True)
class Seen:
    """What is known of one write so far."""

    heard: Heard = Heard.REFUSED
    acked: int = 0
    read_back: ReadBack = ReadBack.NOT_TRIED
    status: int = 0


class Visitor:
    """Comes `hz` times a second until it is told to stop."""

    def __init__(self, terms: VisitorTerms, ledger: LedgerFile) -> None:
        self._terms = terms
        self._ledger = ledger
        self._connections = Connections()
        self._directory = directory_of(terms)
        self._caching = CachingResolver(self._directory)
        self._threads = ThreadPoolExecutor(_RESOLVING_THREADS, "resolve")
        self._out: set[asyncio.Task[None]] = set()
        self._stopped = asyncio.Event()
        self._trouble: BaseException | None = None

    def stop(self) -> None:
        self._stopped.set()

    async def run(self) -> None:
        """Come and go until stopped. Raises OSError when the ledger cannot be written."""
        begun, interval, seq = time.monotonic_ns(), round(1e9 / self._terms.hz), 0
        while not self._stopped.is_set():
            due = begun + seq * interval
            if (early := due - time.monotonic_ns()) > 0:
                await self._pause(early / 1e9)
                continue
            seq += 1
            self._visit(seq, due)
        if self._out:
            await asyncio.wait(self._out)
        self._connections.close()
        self._threads.shutdown(wait=False)
        if self._trouble:
            raise self._trouble

    async def _pause(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._stopped.wait()
        except TimeoutError:
            return

    def _visit(self, seq: int, due: int) -> None:
        payload = f"visit {self._terms.writer}:{seq} {random.getrandbits(128):032x}"
        if len(self._out) >= _MOST_IN_FLIGHT:
            self._note(seq, payload, (due, due, time.monotonic_ns()), Seen())
            return
        task = asyncio.get_running_loop().create_task(self._probe(seq, due, payload))
        self._out.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._out.discard(task)
        if not task.cancelled() and (error := task.exception()):
            self._trouble = error
            self.stop()

    async def _probe(self, seq: int, due: int, payload: str) -> None:
        sent = time.monotonic_ns()
        self._note(seq, payload, (due, sent, 0), Seen(Heard.SENT))
        seen = Seen()
        try:
            async with asyncio.timeout(self._terms.patience):
                await self._submit(seq, payload, seen)
        except (TimeoutError, OSError, NameNotFound):
            if seen.acked:
                seen.read_back = ReadBack.FAILED
        self._note(seq, payload, (due, sent, time.monotonic_ns()), seen)

    async def _submit(self, seq: int, payload: str, seen: Seen) -> None:
        address = await self._address(), self._terms.port
        body = json.dumps({
            "project_id": self._project(seq), "user_id": self._user(seq),
            "writer": self._terms.writer, "seq": seq, "payload": payload,
        }).encode()  # fmt: skip
        reply = await self._exchange(address, "POST /task-submissions", body, seen)
        seen.heard, seen.status = heard_from(reply.status, reply.body), reply.status
        if seen.heard is not Heard.ACKNOWLEDGED:
            self._connections.distrust(address)
            return
        seen.acked = time.monotonic_ns()
        where = reply.headers.get(b"location", b"").decode("latin-1")
        again = await self._exchange(address, f"GET {where}", b"", seen)
        seen.read_back = read_back_from(again.status, again.body, payload)

    async def _exchange(self, address: tuple[str, int], what: str, body: bytes, seen: Seen) -> Reply:
        connection = await self._connections.take(address)
        if not seen.acked:
            seen.heard = Heard.UNKNOWN
        head = f"{what} HTTP/1.1\r\nHost: {self._terms.host}\r\nContent-Type: application/json\r\n"
        try:
            reply = await connection.exchange(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        except BaseException:
            self._connections.distrust(address)
            raise
        self._connections.give_back(address, connection)
        return reply

    async def _address(self) -> str:
        loop, name = asyncio.get_running_loop(), self._terms.host
        if self._terms.follows == "ttl":
            answer = await loop.run_in_executor(self._threads, self._caching.resolve, name)
        else:
            answer = await loop.run_in_executor(self._threads, resolve, self._directory, name)
        return answer.addresses[0]

    def _project(self, seq: int) -> int:
        return seq % self._terms.projects + 1

    def _user(self, seq: int) -> int:
        return seq % self._terms.users + 1

    def _digest(self, seq: int, payload: str) -> int:
        return digest(content(self._project(seq), self._user(seq), payload))

    def _note(self, seq: int, payload: str, times: tuple[int, int, int], seen: Seen) -> None:
        due, sent, done = times
        self._ledger.put((
            seq, due, sent, done, seen.acked, self._digest(seq, payload), self._terms.writer,
            seen.heard, seen.read_back, seen.status,
        ))  # fmt: skip


async def _main() -> None:
    terms = terms_of(VisitorTerms, sys.stdin)
    ledger = LedgerFile(terms.file)
    visitor = Visitor(terms, ledger)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, visitor.stop)
    await visitor.run()
    ledger.close()


if __name__ == "__main__":
    asyncio.run(_main())
