"""A service that looks after its hosts: one thread goes from resource to resource, and again, until it is closed."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Generic, Protocol, TypeVar

from harness.cloud.service import World
from harness.facts import Problem

_SHORTEST_LOOK = timedelta(milliseconds=50)
_NOTICES_WITHIN = timedelta(seconds=10)
"""Between two rounds, in AWS's time; neither RDS nor ElastiCache publishes a figure."""


class Identified(Protocol):
    @property
    def identifier(self) -> str: ...


R = TypeVar("R", bound=Identified)


class Rounds(Generic[R]):
    """Calls `look` with each of `resources`; a look that fails is recorded, and the round goes on."""

    def __init__(self, world: World, service: str, resources: Iterable[R], look: Callable[[R], None]) -> None:
        self._world = world
        self._service = service
        self._resources = resources
        self._look = look
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"{service}-watch", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        """Return when no look is under way any more. May be called without a start."""
        self._closed.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        every = self._world.pace.scaled(_NOTICES_WITHIN, at_least=_SHORTEST_LOOK).total_seconds()
        while not self._closed.wait(every):
            for one in self._resources:
                try:
                    self._look(one)
                except Exception as error:  # the boundary of a thread
                    where = f"{self._service} watch of {one.identifier}"
                    self._world.record(Problem(where, f"{type(error).__name__}: {error}"))
