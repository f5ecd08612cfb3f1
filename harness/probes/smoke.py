"""The smoke test of what was restored: the application, started on it, has to answer as it does its users."""

from __future__ import annotations

import asyncio
import http.client
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from harness.errors import NeverHappened
from harness.probes.application import Reply, fetch
from harness.probes.sight import Sight
from harness.wait import until

HEALTH, A_SUBMISSION = "/health", "/task-submissions/1"
_HERE = "127.0.0.1"
_STARTS_WITHIN = timedelta(seconds=10)
_ENDS_WITHIN = timedelta(seconds=10)


def smoke(
    sight: Sight, region: str, endpoint: tuple[str, int], reading: str = A_SUBMISSION
) -> tuple[list[str], dict[str, Any]]:
    """What is wrong with the application on that database, and what it answered when it was asked for `reading`.

    Its health is good only where the database answers it and takes writes.
    """
    try:
        with served(sight, region, endpoint) as port:
            replies = {path: ask(port, path) for path in (HEALTH, reading)}
    except (OSError, http.client.HTTPException, NeverHappened) as error:
        return [f"the application does not answer: {error}"], {}
    wrong = [f"{path} is {reply.status} {reply.body}" for path, reply in replies.items() if reply.status != 200]
    return wrong, replies[reading].body


def ask(port: int, path: str) -> Reply:
    """What the application answers that is `served` there. Raises OSError, HTTPException."""
    return fetch(_HERE, port, path, _HERE)


@contextmanager
def served(sight: Sight, region: str, endpoint: tuple[str, int], cache: str = "") -> Iterator[int]:
    """The port at which the application serves, in a thread of this process: the password is handed to no other.

    `endpoint` is of its database, `cache` the host of its cache. Raises OSError, NeverHappened.
    """
    import uvicorn  # with what it brings a tenth of a second, which only those spend who look here

    from harness.machines.application.serve import listen
    from harness.machines.application.service import application
    from harness.machines.application.settings import Settings

    login = sight.login
    settings = Settings(
        task="smoke test", region=region, listen=(_HERE, 0), database_host=endpoint[0], database_port=endpoint[1],
        database_name=login.database, database_user=login.user, database_password=login.password,
        resolver=sight.directory.resolver, dns_pace=sight.directory.pace, cache_host=cache,
        cache_port=sight.directory.port(6379),
    )  # fmt: skip
    server = uvicorn.Server(uvicorn.Config(application(settings), ws="none", log_config=None, access_log=False))
    with listen(settings.listen) as listener:
        port: int = listener.getsockname()[1]
        thread = threading.Thread(
            target=lambda: asyncio.run(server.serve(sockets=[listener])), name="smoke test", daemon=True
        )
        thread.start()
        try:
            until("the application serving", lambda: server.started, within=_STARTS_WITHIN, clock=sight.clock)
            yield port
        finally:
            server.should_exit = True
            thread.join(_ENDS_WITHIN.total_seconds())
