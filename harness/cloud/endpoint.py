"""The HTTP server in front of the overlay: one thread a connection, on an address of the run's own block."""

from __future__ import annotations

import socket
import threading
from typing import Any

from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler

from harness.cloud.service import Unreachable

_LONGEST_SILENCE = 60.0
"""Seconds, which is longer than any client waits."""


class Endpoint:
    """Serves a WSGI application until stopped; a port of the kernel's choice."""

    def __init__(self, address: str, app: Any) -> None:
        self._server = _Server(address, 0, app, _Handler)
        self.url = f"http://{address}:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, name="cloud-endpoint", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop listening and cut every connection."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        self._server.cut_connections()


class _Server(ThreadedWSGIServer):
    """`shutdown` alone leaves kept-alive connections open, so they are remembered."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, *args: Any) -> None:
        self._open: set[socket.socket] = set()
        super().__init__(*args)

    def process_request(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no event; what goes wrong in a request is recorded by the overlay."""

    def cut_connections(self) -> None:
        for connection in tuple(self._open):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue


class _Handler(WSGIRequestHandler):
    """werkzeug's own handler waits 10 ms after each answer and closes the connection, in case a body was left unread.

    The overlay reads every body, so connections are kept. Header and body leave in one segment: otherwise a kept-alive
    call waits 40 ms for a delayed ACK.
    """

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def run_wsgi(self) -> None:
        answered: list[tuple[str, list[tuple[str, str]]]] = []

        def start_response(status: str, headers: list[tuple[str, str]]) -> None:
            answered.append((status, headers))

        try:
            chunks = self.server.app(self.make_environ(), start_response)  # type: ignore[arg-type]
        except Unreachable as silence:
            if silence.until is not None:
                silence.until.wait(_LONGEST_SILENCE)
            self.close_connection = True
            return
        status, headers = answered[0]
        self.send_response(int(status.split()[0]))
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.writelines(chunks)
        self.wfile.flush()

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 the name is werkzeug's
        """Calls are recorded as facts, not as lines on the terminal."""
