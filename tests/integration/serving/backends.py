"""A small HTTP server to put behind the balancer: it counts what it is sent, and can be made to fail."""

from __future__ import annotations

import contextlib
import http.client
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Backend(ThreadingHTTPServer):
    """Answers GET and POST with its name."""

    daemon_threads = True

    def __init__(self, name: str, address: tuple[str, int]) -> None:
        super().__init__(address, _Handler)
        self.name = name
        self.healthy = True
        self.breaks_posts = False
        self.posts = 0
        self.held = 0
        self.release = threading.Event()
        self.release.set()
        self._connections: set[socket.socket] = set()

    def process_request(self, request: Any, client_address: Any) -> None:
        self._connections.add(request)
        super().process_request(request, client_address)

    def die(self) -> None:
        """Break all connections and refuse new ones, as the kernel does for a process that was killed."""
        self.shutdown()
        self.server_close()
        for connection in self._connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no news."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Backend

    def do_GET(self) -> None:
        if self.path == "/health":
            self._say(200 if self.server.healthy else 503)
            return
        self.server.held += 1
        self.server.release.wait(5)
        self._say(404 if self.path == "/missing" else 200)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("content-length", 0)))
        self.server.posts += 1
        if self.server.breaks_posts:
            self.close_connection = True
            self.connection.close()
            return
        self._say(201)

    def _say(self, status: int) -> None:
        body = self.server.name.encode()
        self.send_response(status)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the standard library's name
        """Nothing is logged."""


@contextlib.contextmanager
def serving(name: str, address: tuple[str, int]) -> Iterator[Backend]:
    backend = Backend(name, address)
    thread = threading.Thread(target=backend.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield backend
    finally:
        backend.die()
        thread.join()


def send(address: tuple[str, int], method: str = "GET", path: str = "/", body: bytes | None = None) -> tuple[int, str]:
    """One request over a connection of its own: status and body."""
    status, _, text = exchange(address, method, path, body)
    return status, text


def exchange(
    address: tuple[str, int], method: str = "GET", path: str = "/", body: bytes | None = None, *, timeout: float = 5
) -> tuple[int, dict[str, str], str]:
    """One request over a connection of its own: status, headers and body."""
    connection = http.client.HTTPConnection(*address, timeout=timeout)
    try:
        connection.request(method, path, body)
        answer = connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read().decode()
    finally:
        connection.close()
