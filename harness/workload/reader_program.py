"""A reader: on a fixed schedule it asks for a user or a project at the public name, and notes what the cache did.

It asks for one after the other and then from the beginning, so that a cold cache answers nothing before the second
round. Before the schedule begins it asks for all until the cache has them: that has been in use for long. Run as
`python -m harness.workload.reader_program NAME` with its terms on standard input; SIGTERM ends it.
"""

from __future__ import annotations

import asyncio
import signal
import sys
import time
from contextlib import suppress

from harness.dial import NameNotFound
from harness.heard import Heard, ReadBack
from harness.workload.answers import fields_of
from harness.workload.ledger_file import LedgerFile
from harness.workload.terms import ReaderTerms, terms_of
from harness.workload.visitor_program import Seen, Visitor
from harness.workload.web import Reply

_AT_ONCE, _ROUNDS, _SAMPLE, _NEARLY_ALL = 8, 6, 5, 0.98
_ALL_WITHIN = 10.0
"""Seconds; a busy host answers slowly, and a drill waits for the schedule to begin."""
_CACHE = b"x-labelmint-cache"
_SAID = {b"hit": ReadBack.RIGHT, b"miss": ReadBack.MISSED, b"gone": ReadBack.FAILED}


class Reader(Visitor):
    """Comes like a visitor, and writes nothing."""

    async def run(self) -> None:
        await self._ask_for_all()
        await super().run()

    async def _ask_for_all(self) -> None:
        """Until the cache holds nearly all, or it is clear that it will not soon: its schedule will tell."""
        everything = range(1, self._terms.users + self._terms.projects + 1)
        sample = everything[::_SAMPLE]
        with suppress(TimeoutError):
            async with asyncio.timeout(_ALL_WITHIN):
                for _ in range(_ROUNDS):
                    await self._held(everything)
                    if self._stopped.is_set() or await self._held(sample) >= _NEARLY_ALL * len(sample):
                        return

    async def _held(self, turns: range) -> int:
        """Ask for each once; how many the cache had."""
        numbers = iter(turns)
        answers: list[Seen] = []

        async def ask() -> None:
            for number in numbers:
                if self._stopped.is_set():
                    return
                answers.append(Seen())
                with suppress(TimeoutError, OSError, NameNotFound):
                    async with asyncio.timeout(self._terms.patience):
                        await self._submit(number, "", answers[-1])

        await asyncio.gather(*(ask() for _ in range(_AT_ONCE)))
        return sum(seen.read_back is ReadBack.RIGHT for seen in answers)

    async def _submit(self, seq: int, payload: str, seen: Seen) -> None:
        path, wanted = self._wanted(seq)
        address = await self._address(), self._terms.port
        reply = await self._exchange(address, f"GET {path}", b"", seen)
        seen.status = reply.status
        if reply.status != 200:
            seen.heard = Heard.REFUSED
            self._connections.distrust(address)
            return
        seen.heard, seen.acked = Heard.ACKNOWLEDGED, time.monotonic_ns()
        seen.read_back = read_from(reply, wanted)

    def _wanted(self, seq: int) -> tuple[str, int]:
        """The path of what is asked for at that turn, and its number."""
        users, turn = self._terms.users, (seq - 1) % (self._terms.users + self._terms.projects)
        return (f"/users/{turn + 1}", turn + 1) if turn < users else (f"/projects/{turn - users + 1}", turn - users + 1)


def read_from(reply: Reply, wanted: int) -> ReadBack:
    """What a good answer says of the cache; another one than was asked for is wrong, wherever it came from."""
    if fields_of(reply.body).get("id") != wanted:
        return ReadBack.WRONG
    return _SAID.get(reply.headers.get(_CACHE, b""), ReadBack.FAILED)


async def _main() -> None:
    terms = terms_of(ReaderTerms, sys.stdin)
    ledger = LedgerFile(terms.file)
    reader = Reader(terms, ledger)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, reader.stop)
    await reader.run()
    ledger.close()


if __name__ == "__main__":
    asyncio.run(_main())
