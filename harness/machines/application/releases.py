"""The releases of the program. One is right; the others have the kind of defect that a pipeline does not find.

Both bad ones pass the load balancer's checks at first, so a rolling deployment of them goes well to its end.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping

from starlette.types import ASGIApp, Receive, Scope, Send

GOOD = "1"
HEALTH = "/health"
HANGS_AFTER = 5
"""Requests, beside health checks: a task that takes part in the traffic gets so many in a part of a second."""
EXITS_AFTER = 10


class Defective:
    """Serves as the release before it did, until it has been asked so often; then its defect shows."""

    def __init__(self, inner: ASGIApp, after: int, defect: Callable[[], object]) -> None:
        self._inner = inner
        self._left = after
        self._defect = defect

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] != HEALTH:
            self._left -= 1
            if self._left < 0:
                self._defect()
        await self._inner(scope, receive, send)


def hang() -> None:
    """A deadlock: this thread waits for itself, and with it everything that the process was to answer."""
    lock = threading.Lock()
    lock.acquire()
    lock.acquire()


def leave() -> None:
    """A crash, as of a process that ran into its limit: no answer, no farewell."""
    os._exit(1)


RELEASES: Mapping[str, Callable[[ASGIApp], ASGIApp]] = {
    GOOD: lambda inner: inner,
    "2": lambda inner: Defective(inner, HANGS_AFTER, hang),
    "3": lambda inner: Defective(inner, EXITS_AFTER, leave),
}
"""What each release makes of the service, by the tag of its image."""
