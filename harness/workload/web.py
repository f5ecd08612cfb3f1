"""HTTP connections that say exactly how far a request got: not connected, sent, or answered."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import httptools


class Broken(ConnectionError):
    """The connection ended, or made no sense, after the request had been handed to it."""


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    headers: dict[bytes, bytes]
    body: bytes


class Connection(asyncio.Protocol):
    """One connection, for one exchange at a time."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._waiting: asyncio.Future[Reply] | None = None
        self._reset()

    def usable(self) -> bool:
        """Whether another request can be sent on it."""
        return self._transport is not None and not self._transport.is_closing() and self._waiting is None

    async def exchange(self, request: bytes) -> Reply:
        """Send a request and wait for its answer. Raises Broken. When cancelled, the connection is gone."""
        if self._transport is None or self._transport.is_closing():
            raise Broken("the connection was already closed")
        self._reset()
        self._waiting = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        try:
            return await self._waiting
        except BaseException:
            self.abort()
            raise
        finally:
            self._waiting = None

    def abort(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as error:
            self._end(Broken(f"not HTTP: {error}"))

    def connection_lost(self, exc: Exception | None) -> None:
        self._end(Broken(str(exc) if exc else "closed by the other side"))

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers[name.lower()] = value

    def on_body(self, body: bytes) -> None:
        self._body += body

    def on_message_complete(self) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(Reply(self._parser.get_status_code(), self._headers, bytes(self._body)))
        if not self._parser.should_keep_alive() and self._transport is not None:
            self._transport.close()

    def _reset(self) -> None:
        self._parser = httptools.HttpResponseParser(self)
        self._headers: dict[bytes, bytes] = {}
        self._body = bytearray()

    def _end(self, why: Broken) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(why)
        self.abort()


class Connections:
    """Idle connections, kept by address. After a failure none to that address is trusted any more."""

    def __init__(self) -> None:
        self._idle: dict[tuple[str, int], list[Connection]] = {}

    async def take(self, address: tuple[str, int]) -> Connection:
        """An idle connection, or a new one. Raises OSError when none can be made."""
        idle = self._idle.get(address, [])
        while idle:
            connection = idle.pop()
            if connection.usable():
                return connection
        _, made = await asyncio.get_running_loop().create_connection(Connection, *address)
        return made

    def give_back(self, address: tuple[str, int], connection: Connection) -> None:
        if connection.usable():
            self._idle.setdefault(address, []).append(connection)

    def distrust(self, address: tuple[str, int]) -> None:
        """Close what is idle: a server that died by power cut leaves connections that look alive."""
        for connection in self._idle.pop(address, []):
            connection.abort()

    def close(self) -> None:
        for address in list(self._idle):
            self.distrust(address)
