"""The service's connection to its cache, which it can do without: no request fails or waits long because of it.

One connection, opened when it is needed and thrown away at the first doubt; then the cache is left alone for a moment,
so that requests do not wait for it one after the other. Redis's protocol is spoken here: two commands need no library.
"""

from __future__ import annotations

import asyncio
import contextlib
import enum
import json
import logging
from typing import Any

from harness.machines.application.errors import NameNotResolved
from harness.machines.application.names import Names
from harness.machines.application.settings import Settings

KEPT_SECONDS = 300
"""How long an entry is good for."""
_ANSWER_WITHIN = 0.3
"""Seconds that a request gives the cache, all in all: more than a busy host stands still for."""
_LEFT_ALONE = 0.25
"""Seconds for which the cache is not asked again after it failed."""
_PATIENCE = 40
"""How often a cache that is to be filled is asked again for one document."""
_PROOF = "labelmint:health"

log = logging.getLogger("labelmint")


class State(enum.StrEnum):
    """What was last seen of the cache."""

    UNKNOWN = "unknown"
    OK = "ok"
    READ_ONLY = "read-only"
    UNAVAILABLE = "unavailable"


class CacheGone(Exception):
    """The cache gave no answer."""


class _Refused(Exception):
    """The cache answered with an error."""


class Cache:
    """JSON documents by key. Asking comes back within a third of a second, whatever the cache does."""

    def __init__(self, settings: Settings, names: Names) -> None:
        self._host, self._port = settings.cache_host, settings.cache_port
        self._task = settings.task
        self._names = names
        self._line: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self._turn = asyncio.Lock()
        self._opening: asyncio.Task[None] | None = None
        self._looking: asyncio.Task[None] | None = None
        self._ask_again = self._look_again = 0.0
        self._state = State.UNKNOWN

    @property
    def is_configured(self) -> bool:
        return bool(self._host)

    def seen(self) -> dict[str, str]:
        """What was last seen of the cache, for a health check: it looks again behind, and does not wait."""
        now = asyncio.get_running_loop().time()
        if (self._looking is None or self._looking.done()) and now >= self._look_again:
            self._look_again = now + _LEFT_ALONE
            self._looking = asyncio.create_task(self._look())
        return {"host": self._host, "status": self._state}

    async def get(self, key: str) -> Any:
        """The document, or None when there is none. Raises CacheGone."""
        try:
            found = await self._call("GET", key)
        except _Refused as refusal:
            self._become(State.UNAVAILABLE, str(refusal))
            raise CacheGone from refusal
        try:
            return None if found is None else json.loads(found)
        except ValueError:
            return None

    async def put(self, key: str, document: Any) -> None:
        """Keep a document, if the cache can; a cache that follows another region's takes no writes."""
        with contextlib.suppress(CacheGone, _Refused):
            await self._call("SET", key, json.dumps(document), "EX", str(KEPT_SECONDS))

    async def fill(self, key: str, document: Any) -> None:
        """Keep a document, and wait for a cache that gives no answer: no request does. Raises CacheGone."""
        for _ in range(_PATIENCE):
            try:
                await self._call("SET", key, json.dumps(document), "EX", str(KEPT_SECONDS))
            except CacheGone:
                await asyncio.sleep(_LEFT_ALONE)
            except _Refused as refusal:
                raise CacheGone(str(refusal)) from refusal
            else:
                return
        raise CacheGone("it gives no answer")

    async def close(self) -> None:
        tasks = [task for task in (self._opening, self._looking) if task]
        if tasks:
            await asyncio.wait(tasks)
        self._hang_up()

    async def _look(self) -> None:
        try:
            await self._call("SET", _PROOF, self._task, "EX", "10")
        except CacheGone:
            return
        except _Refused as refusal:
            self._become(State.READ_ONLY if str(refusal).startswith("READONLY") else State.UNAVAILABLE, str(refusal))
        else:
            self._become(State.OK)

    async def _call(self, *words: str) -> bytes | None:
        loop = asyncio.get_running_loop()
        if loop.time() < self._ask_again:
            raise CacheGone
        deadline = loop.time() + _ANSWER_WITHIN
        try:
            async with asyncio.timeout_at(deadline), self._turn:
                reader, writer = self._line or await self._opened(deadline)
                return await self._exchange(reader, writer, words)
        except (TimeoutError, OSError, EOFError, ValueError, NameNotResolved) as error:
            self._ask_again = loop.time() + _LEFT_ALONE
            self._become(State.UNAVAILABLE, str(error) or type(error).__name__)
            raise CacheGone from error

    async def _exchange(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, words: tuple[str, ...]
    ) -> bytes | None:
        try:
            writer.write(_encoded(words))
            return await _answer(reader)
        except _Refused:
            raise
        except BaseException:  # also when the request was given up: its answer would be taken for the next one's
            self._hang_up()
            raise

    async def _opened(self, deadline: float) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """The connection, once it is there. The attempt is never cancelled: see Database."""
        if self._opening is None or self._opening.done():
            self._opening = asyncio.create_task(self._open())
            self._opening.add_done_callback(lambda attempt: attempt.cancelled() or attempt.exception())
        attempt = self._opening
        await asyncio.wait({attempt}, timeout=deadline - asyncio.get_running_loop().time())
        if attempt.done():
            attempt.result()
        if self._line is None:
            raise TimeoutError("no connection in time")
        return self._line

    async def _open(self) -> None:
        address = await self._names.address(self._host)
        self._line = await asyncio.open_connection(address, self._port)

    def _hang_up(self) -> None:
        if self._line is not None:
            self._line[1].transport.abort()
            self._line = None

    def _become(self, state: State, why: str = "") -> None:
        """Log when the cache goes and comes; not each of the requests that meet it."""
        if state is not self._state:
            log.log(logging.INFO if state is State.OK else logging.WARNING, "cache: %s %s", state, why)
            self._state = state


def _encoded(words: tuple[str, ...]) -> bytes:
    parts = [word.encode() for word in words]
    return b"*%d\r\n" % len(parts) + b"".join(b"$%d\r\n%s\r\n" % (len(part), part) for part in parts)


async def _answer(reader: asyncio.StreamReader) -> bytes | None:
    line = await reader.readuntil(b"\r\n")
    kind, rest = line[:1], line[1:-2]
    if kind == b"-":
        raise _Refused(rest.decode(errors="replace"))
    if kind != b"$":
        return rest
    length = int(rest)
    return None if length < 0 else (await reader.readexactly(length + 2))[:-2]
