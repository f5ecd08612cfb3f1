"""A trivial submission service behind a fault proxy that stamps its own clock. Both live in one thread's event loop."""

from __future__ import annotations

import asyncio
import enum
import json
import threading
import time
from collections.abc import Coroutine
from types import TracebackType
from typing import Any

import httptools


class Cut(enum.Enum):
    """What the proxy does while service is cut."""

    REFUSE = "refuse"
    """Nobody listens, and open connections are reset."""
    RESET = "reset"
    """Connections are accepted and reset at once."""
    BLACKHOLE = "blackhole"
    """Connections stay and new ones are accepted, but no byte passes; what was swallowed is lost."""


class FaultyService:
    """Serves on `address` from `with` on; `cut` and `heal` return the monotonic ns at which they took effect."""

    def __init__(self, address: str = "127.0.0.1", *, delay: float = 0.0) -> None:
        self.address = address
        self.port = 0
        self.stored: dict[int, dict[str, Any]] = {}
        self.delay = delay
        self._cut: Cut | None = None
        self._lines: set[_Front] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> FaultyService:
        self._thread.start()
        self._call(self._open())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._call(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def cut(self, how: Cut) -> int:
        return int(self._call(self._do_cut(how)))

    def heal(self) -> int:
        return int(self._call(self._do_heal()))

    def passes(self) -> bool:
        return self._cut is None

    def _call(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    async def _open(self) -> None:
        self._backend = await self._loop.create_server(lambda: _Backend(self), "127.0.0.1", 0)
        await self._listen()

    async def _listen(self) -> None:
        self._server = await self._loop.create_server(lambda: _Front(self), self.address, self.port, reuse_address=True)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _close(self) -> None:
        self._server.close()
        self._backend.close()
        for line in list(self._lines):
            line.reset()

    async def _do_cut(self, how: Cut) -> int:
        self._cut, struck = how, time.monotonic_ns()
        if how is Cut.REFUSE:
            self._server.close()
        if how is not Cut.BLACKHOLE:
            for line in list(self._lines):
                line.reset()
        return struck

    async def _do_heal(self) -> int:
        if self._cut is Cut.REFUSE:
            await self._listen()
        self._cut = None
        return time.monotonic_ns()

    async def connect_backend(self, front: _Front) -> None:
        port = self._backend.sockets[0].getsockname()[1]
        await self._loop.create_connection(lambda: _Rear(front), "127.0.0.1", port)

    @property
    def how(self) -> Cut | None:
        return self._cut

    def joined(self, front: _Front) -> None:
        self._lines.add(front)

    def left(self, front: _Front) -> None:
        self._lines.discard(front)


class _Line(asyncio.Protocol):
    transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport


class _Front(_Line):
    """The client's side of one proxied connection."""

    def __init__(self, service: FaultyService) -> None:
        self.service = service
        self.rear: _Rear | None = None
        self.early = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        if self.service.how is Cut.RESET:
            self.transport.abort()
            return
        self.service.joined(self)
        self._connecting = asyncio.ensure_future(self.service.connect_backend(self))

    def data_received(self, data: bytes) -> None:
        if not self.service.passes():
            return
        if self.rear is None:
            self.early += data
        else:
            self.rear.transport.write(data)

    def connection_lost(self, exc: Exception | None) -> None:
        self.service.left(self)
        if self.rear is not None:
            self.rear.transport.abort()

    def reset(self) -> None:
        self.transport.abort()


class _Rear(_Line):
    """The backend's side of one proxied connection."""

    def __init__(self, front: _Front) -> None:
        self.front = front

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self.front.rear = self
        if self.front.service.passes():
            self.transport.write(self.front.early)

    def data_received(self, data: bytes) -> None:
        if self.front.service.passes():
            self.front.transport.write(data)

    def connection_lost(self, exc: Exception | None) -> None:
        self.front.transport.close()


class _Backend(_Line):
    """Stores submissions and gives them back."""

    def __init__(self, service: FaultyService) -> None:
        self._service = service
        self._parser = httptools.HttpRequestParser(self)
        self._url, self._body = b"", b""

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_url(self, url: bytes) -> None:
        self._url, self._body = url, b""

    def on_body(self, body: bytes) -> None:
        self._body += body

    def on_message_complete(self) -> None:
        answer = self._answer(self._parser.get_method(), self._url.decode(), self._body)
        asyncio.get_running_loop().call_later(self._service.delay, self.transport.write, answer)

    def _answer(self, method: bytes, url: str, body: bytes) -> bytes:
        stored = self._service.stored
        if method == b"POST":
            number = len(stored) + 1
            stored[number] = json.loads(body)
            return _http("201 Created", {"id": number}, f"Location: /task-submissions/{number}\r\n")
        found = stored.get(int(url.rsplit("/", 1)[-1]))
        return _http("200 OK", found) if found else _http("404 Not Found", {})


def _http(status: str, body: dict[str, Any], headers: str = "") -> bytes:
    content = json.dumps(body).encode()
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(content)}\r\n{headers}\r\n".encode() + content
