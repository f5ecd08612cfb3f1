"""One kept HTTP/1.1 connection of a health checker, and an answer in the words of Route 53."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from http import HTTPStatus
from typing import Protocol

_AGENT = "Amazon-Route53-Health-Check-Service"
_TIMED_OUT = (
    "Failure: Connection timed out. The endpoint or the internet connection is down, "
    "or requests are being blocked by your firewall."
)


class Asked(Protocol):
    """What is asked for: `endpoint` gives address and port now, or None while there is nobody to ask."""

    @property
    def endpoint(self) -> Callable[[], tuple[str, int] | None]: ...
    @property
    def path(self) -> str: ...
    @property
    def host(self) -> str: ...


class KeptConnection:
    """One HTTP/1.1 connection that is kept between requests."""

    def __init__(self) -> None:
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self._to: tuple[str, int] | None = None

    async def ask(self, what: Asked, timeout: float) -> tuple[bool, str]:
        """Whether the endpoint answered 2xx or 3xx in time, and the status as AWS words it."""
        endpoint = what.endpoint()
        if endpoint != self._to:
            self.close()
        if endpoint is None:
            return False, "Failure: DNS resolution failed: Could not resolve the domain name."
        self._to = endpoint
        try:
            async with asyncio.timeout(timeout):  # wait_for loses a cancellation that meets the answer
                code = await self._request(endpoint, what)
        except TimeoutError:
            self.close()
            return False, _TIMED_OUT
        except (OSError, EOFError, ValueError, IndexError, asyncio.LimitOverrunError):
            self.close()
            return False, "Failure: Connection refused. The endpoint is not accepting connections."
        ok = 200 <= code < 400
        phrase = HTTPStatus(code).phrase if code in HTTPStatus._value2member_map_ else "Unknown"
        return ok, f"{'Success' if ok else 'Failure'}: HTTP Status Code {code}, {phrase}."

    async def _request(self, endpoint: tuple[str, int], what: Asked) -> int:
        reused = self._streams is not None
        try:
            return await self._exchange(endpoint, what)
        except (OSError, EOFError):
            if not reused:
                raise
            self.close()  # the kept connection had been closed by the other side: that says nothing of the endpoint
            return await self._exchange(endpoint, what)

    async def _exchange(self, endpoint: tuple[str, int], what: Asked) -> int:
        if self._streams is None:
            self._streams = await asyncio.open_connection(*endpoint)
        reader, writer = self._streams
        writer.write(f"GET {what.path} HTTP/1.1\r\nHost: {what.host}\r\nUser-Agent: {_AGENT}\r\n\r\n".encode())
        await writer.drain()
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        code = int(head[0].split(" ")[1])
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:])}
        if "content-length" in headers and headers.get("connection", "").lower() != "close":
            await reader.readexactly(int(headers["content-length"]))
        else:
            self.close()
        return code

    def close(self) -> None:
        if self._streams:
            with contextlib.suppress(OSError):
                self._streams[1].close()
        self._streams = None
