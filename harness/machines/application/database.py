"""The service's few connections to its database, and an answer within a second whatever state the database is in.

A pool that retries behind the scenes would add its own back-off to every outage, so connections are opened when they
are needed and thrown away at the first doubt. The outcome of a failed statement is told apart: *refused* is certainly
not stored; *unknown* may be, because the connection was lost after the statement had been sent.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import select
import socket
from collections.abc import Iterator, Sequence
from typing import Any

import psycopg
from psycopg.rows import DictRow, dict_row

from harness.machines.application.errors import NameNotResolved, Outcome, Rejected, Unavailable
from harness.machines.application.names import Names
from harness.machines.application.settings import Settings

Row = dict[str, Any]

ANSWER_WITHIN = 0.9
"""Seconds for a request's whole use of the database: waiting for a connection, opening it, and the statement."""
_LEFT_TO_WORK = 0.4
"""Seconds that must be left of it with a connection at hand; a statement begun later would be cut off, and cutting off
costs a connection: under load the service would end up doing nothing but reconnecting."""
_CANCEL_BEFORE = 0.2
"""Seconds before that deadline at which the server is asked to give up: nothing else ends its wait for a standby."""
_STATEMENT_TIMEOUT = 600
"""Milliseconds after which the server itself refuses, which is a certain answer, before we would have to hang up."""
_UNREPLICATED = "canceling wait for synchronous replication"
"""PostgreSQL's warning that a commit which it reports as a success may exist on this server alone."""

log = logging.getLogger("labelmint")


class _Link:
    """One connection, and whether it can be trusted with another statement."""

    def __init__(self, raw: psycopg.AsyncConnection[DictRow]) -> None:
        self.raw = raw
        self.unreplicated = False
        self.spoiled = False
        self._cancelling: asyncio.Task[None] | None = None
        raw.add_notice_handler(self._notice)

    def _notice(self, notice: psycopg.errors.Diagnostic) -> None:
        if (notice.message_primary or "").startswith(_UNREPLICATED):
            self.unreplicated = True

    def is_sound(self) -> bool:
        """A healthy idle connection has nothing to say: something to read is the end of it."""
        if self.spoiled or self.raw.closed:
            return False
        poll = select.poll()
        poll.register(self.raw.fileno(), select.POLLIN)
        return not poll.poll(0)

    @contextlib.contextmanager
    def until(self, deadline: float) -> Iterator[None]:
        """In this block the server is asked to cancel shortly before `deadline`, and is hung up on when it has come."""
        loop = asyncio.get_running_loop()
        timers = loop.call_at(deadline - _CANCEL_BEFORE, self._cancel), loop.call_at(deadline, self._hang_up)
        try:
            yield
        finally:
            for timer in timers:
                timer.cancel()

    def _cancel(self) -> None:
        self.spoiled = True  # a cancellation that is late would hit the next statement
        self._cancelling = asyncio.create_task(self._ask_to_cancel())

    async def _ask_to_cancel(self) -> None:
        with contextlib.suppress(psycopg.Error, OSError):
            await self.raw.cancel_safe(timeout=_CANCEL_BEFORE)

    def _hang_up(self) -> None:
        """End the socket under psycopg, whose own cancellation waits for as long as the server is silent."""
        with contextlib.suppress(psycopg.Error, OSError), socket.socket(fileno=os.dup(self.raw.fileno())) as line:
            line.shutdown(socket.SHUT_RDWR)


class Database:
    """At most `size` connections to the database that the settings name."""

    def __init__(self, settings: Settings, names: Names, size: int) -> None:
        self._settings = settings
        self._names = names
        self._slots = asyncio.Semaphore(size)
        self._idle: list[_Link] = []
        self._attempts: set[asyncio.Task[_Link]] = set()
        self._trouble = ""

    async def run(self, query: str, values: Sequence[object] = ()) -> list[Row]:
        """Run one statement in a transaction of its own; its rows are returned only after the commit.

        Raises Rejected when the values cannot be stored, else Unavailable, both within ANSWER_WITHIN seconds.
        """
        deadline = asyncio.get_running_loop().time() + ANSWER_WITHIN
        try:
            link = await self._take(deadline)
            try:
                rows = await _answer(link, query, values, deadline)
            finally:
                await self._give_back(link)
        except Unavailable as error:
            self._note(str(error))
            raise
        self._note("")
        return rows

    async def close(self) -> None:
        """Close the idle connections, and wait for attempts to connect that nobody waits for any more."""
        if self._attempts:
            await asyncio.wait(self._attempts)
        while self._idle:
            await self._idle.pop().raw.close()

    async def _take(self, deadline: float) -> _Link:
        try:
            async with asyncio.timeout_at(deadline - _LEFT_TO_WORK):
                await self._slots.acquire()
            try:
                return await self._idle_link() or await self._connected(deadline)
            except BaseException:
                self._slots.release()
                raise
        except TimeoutError:
            raise Unavailable("no connection to the database in time", Outcome.REFUSED) from None
        except (NameNotResolved, psycopg.Error, OSError) as error:
            raise Unavailable(_first_line(error), Outcome.REFUSED) from error

    async def _connected(self, deadline: float) -> _Link:
        """A new connection, or TimeoutError at the deadline; the attempt then ends by itself, within 3 s.

        It is never cancelled. On Python 3.11 a cancellation that meets the resolver's answer is swallowed, so that the
        request hangs; one that meets the opening of the resolver's socket leaks it, so that the loop cannot be closed.
        """
        attempt = asyncio.create_task(self._connect())
        self._attempts.add(attempt)
        attempt.add_done_callback(self._attempts.discard)
        await asyncio.wait({attempt}, timeout=deadline - asyncio.get_running_loop().time())
        if attempt.done():
            return attempt.result()
        attempt.add_done_callback(_discard)
        raise TimeoutError

    async def _give_back(self, link: _Link) -> None:
        if link.is_sound():
            self._idle.append(link)
        else:
            await link.raw.close()
        self._slots.release()

    async def _idle_link(self) -> _Link | None:
        while self._idle:
            link = self._idle.pop()
            if link.is_sound():
                return link
            await link.raw.close()
        return None

    async def _connect(self) -> _Link:
        settings = self._settings
        raw = await psycopg.AsyncConnection.connect(
            host=settings.database_host,
            hostaddr=await self._names.address(settings.database_host),
            port=settings.database_port,
            dbname=settings.database_name,
            user=settings.database_user,
            password=settings.database_password,
            connect_timeout=2,
            application_name=f"labelmint {settings.task}"[:63],
            options=f"-c statement_timeout={_STATEMENT_TIMEOUT}",
            sslmode="disable",
            gssencmode="disable",
            autocommit=True,
            prepare_threshold=1,
            row_factory=dict_row,
        )
        return _Link(raw)

    def _note(self, trouble: str) -> None:
        """Log when the trouble begins, changes or ends; not each of the requests that meet it."""
        if trouble != self._trouble:
            log.warning("database: %s", trouble or "answers again")
            self._trouble = trouble


def _discard(attempt: asyncio.Task[_Link]) -> None:
    """Nobody waits for this connection any more; end it should it have come about."""
    if not attempt.cancelled() and not attempt.exception():
        attempt.result().raw.pgconn.finish()


async def _answer(link: _Link, query: str, values: Sequence[object], deadline: float) -> list[Row]:
    try:
        with link.until(deadline):
            cursor = await link.raw.execute(query.encode(), values)
            rows = await cursor.fetchall()
    except (psycopg.IntegrityError, psycopg.DataError) as error:
        raise Rejected(_first_line(error)) from error
    except psycopg.Error as error:
        if link.raw.closed:
            raise Unavailable("the connection was lost after the statement was sent", Outcome.UNKNOWN) from error
        raise Unavailable(_first_line(error), Outcome.REFUSED) from error
    if link.unreplicated:
        link.unreplicated = False
        raise Unavailable("committed on one server only, not on its standby", Outcome.UNKNOWN)
    return rows


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
