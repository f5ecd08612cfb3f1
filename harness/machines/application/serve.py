"""Runs the service until SIGTERM: then nothing new is taken, and what was begun is finished."""

from __future__ import annotations

import asyncio
import logging
import signal
import socket

import dns.asyncbackend
import uvicorn
import uvloop
from starlette.applications import Starlette

from harness.machines.application.service import application
from harness.machines.application.settings import Settings

_DRAIN_SECONDS = 5
_KEEP_ALIVE_SECONDS = 75
"""Longer than the load balancer keeps an idle connection (60 s): it must never send into one that we just closed."""


def listen(address: tuple[str, int]) -> socket.socket:
    """A listening socket on `address`. Raises OSError."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(512)
    except OSError:
        listener.close()
        raise
    listener.setblocking(False)
    return listener


def warm_up() -> None:
    """Import all that would be imported by the first request, without starting anything."""
    uvicorn.Config(Starlette(), http="httptools", ws="none", log_config=None).load()
    dns.asyncbackend.get_backend("asyncio")


def serve(settings: Settings, listener: socket.socket) -> None:
    """Serve on `listener` until SIGTERM or SIGINT, then drain and return."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    logging.getLogger("psycopg").setLevel(logging.ERROR)
    config = uvicorn.Config(
        application(settings),
        http="httptools",
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=_KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=_DRAIN_SECONDS,
    )
    server = uvicorn.Server(config)

    def end(*_: object) -> None:
        server.should_exit = True

    for number in (signal.SIGTERM, signal.SIGINT):
        # uvicorn has handlers of its own while it serves, but not yet now; afterwards it raises the signal once more
        signal.signal(number, end)
    log = logging.getLogger("labelmint")
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        log.info("task %s in %s serves on %s:%s", settings.task, settings.region, *listener.getsockname())
        runner.run(server.serve(sockets=[listener]))
        log.info("task %s has drained", settings.task)
