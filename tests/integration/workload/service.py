"""A trivial submission service behind a fault proxy that stamps its own clock. Both live in one thread's event loop.

The proxy can also stand in front of another service, given as `backend`.
"""

from __future__ import annotations

import asyncio
import contextlib
import enum
import json
import socket
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

    def __init__(
        self, address: str = "127.0.0.1", *, delay: float = 0.0, backend: tuple[str, int] | None = None
    ) -> None:
        self.address = address
        self.port = 0
        self._other = backend
        self.stored: dict[int, dict[str, Any]] = {}
        self.delay = delay
        self._cut: Cut | None = None
        self._lines: set[_Line] = set()
        self._coming: set[asyncio.Task[Any]] = set()
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
        self._listen()

    def _listen(self) -> None:
        """Listen without asyncio's server, which loses a connection that comes in while it closes."""
        self._listener = socket.create_server((self.address, self.port), backlog=128)
        self._listener.setblocking(False)
        self.port = self._listener.getsockname()[1]
        self._loop.add_reader(self._listener, self._accept)

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            taken, _ = self._listener.accept()
            taken.setblocking(False)
            taken.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # asyncio does so for its own listeners only
            coming = self._loop.create_task(self._loop.connect_accepted_socket(lambda: _Front(self), taken))
            self._coming.add(coming)
            coming.add_done_callback(self._coming.discard)

    def _stop_listening(self) -> None:
        self._loop.remove_reader(self._listener)
        self._listener.close()

    async def _close(self) -> None:
        if self._cut is not Cut.REFUSE:
            self._stop_listening()
        while self._lines or self._coming:
            for line in self._lines:
                line.transport.abort()
            await asyncio.sleep(0.01)
        self._backend.close()

    async def _do_cut(self, how: Cut) -> int:
        self._cut, struck = how, time.monotonic_ns()
        if how is Cut.REFUSE:
            self._stop_listening()
        if how is not Cut.BLACKHOLE:
            for line in self._lines:
                if isinstance(line, _Front):
                    line.transport.abort()
        return struck

    async def _do_heal(self) -> int:
        if self._cut is Cut.REFUSE:
            self._listen()
        self._cut = None
        return time.monotonic_ns()

    async def connect_backend(self, front: _Front) -> None:
        address, port = self._other or self._backend.sockets[0].getsockname()[:2]
        await self._loop.create_connection(lambda: _Rear(front), address, port)

    @property
    def how(self) -> Cut | None:
        return self._cut

    def joined(self, line: _Line) -> None:
        self._lines.add(line)

    def left(self, line: _Line) -> None:
        self._lines.discard(line)


class _Line(asyncio.Protocol):
    """One end of a connection."""

    transport: asyncio.Transport

    def __init__(self, service: FaultyService) -> None:
        self.service = service

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.service.joined(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self.service.left(self)


class _Front(_Line):
    """The client's side of one proxied connection."""

    def __init__(self, service: FaultyService) -> None:
        super().__init__(service)
        self.rear: _Rear | None = None
        self.early = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        if self.service.how is Cut.RESET:
            self.transport.abort()
            return
        self._connecting = asyncio.ensure_future(self.service.connect_backend(self))

    def data_received(self, data: bytes) -> None:
        if not self.service.passes():
            return
        if self.rear is None:
            self.early += data
        else:
            self.rear.transport.write(data)

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        if self.rear is not None:
            self.rear.transport.abort()


class _Rear(_Line):
    """The backend's side of one proxied connection."""

    def __init__(self, front: _Front) -> None:
        super().__init__(front.service)
        self.front = front

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self.front.rear = self
        if self.service.passes():
            self.transport.write(self.front.early)

    def data_received(self, data: bytes) -> None:
        if self.service.passes():
            self.front.transport.write(data)

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self.front.transport.close()


class _Backend(_Line):
    """Stores submissions and gives them back."""

    def __init__(self, service: FaultyService) -> None:
        super().__init__(service)
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
        asyncio.get_running_loop().call_later(self.service.delay, self.transport.write, answer)

    def _answer(self, method: bytes, url: str, body: bytes) -> bytes:
        stored = self.service.stored
        if method == b"POST":
            number = len(stored) + 1
            stored[number] = json.loads(body)
            return _http("201 Created", {"id": number}, f"Location: /task-submissions/{number}\r\n")
        found = stored.get(int(url.rsplit("/", 1)[-1]))
        return _http("200 OK", found) if found else _http("404 Not Found", {})


def _http(status: str, body: dict[str, Any], headers: str = "") -> bytes:
    content = json.dumps(body).encode()
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(content)}\r\n{headers}\r\n".encode() + content
