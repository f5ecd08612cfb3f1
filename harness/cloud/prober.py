"""Route 53's health checkers: real HTTP requests to an endpoint, from several observers, while the cloud is up.

Each observer keeps one connection and asks once an interval; it calls the endpoint unhealthy after `failure_threshold`
failures in a row, and healthy after as many successes. As with AWS the endpoint is healthy while more than 18 % of the
observers say so, and a new check is healthy until something else is known (Developer Guide, "How Route 53 determines
the status of health checks").
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from harness.cloud.probe_connection import KeptConnection
from harness.facts import MachineEvent, Problem

OBSERVERS = (("us-east-1", "15.177.2.17"), ("us-west-2", "15.177.6.23"), ("eu-west-1", "15.177.10.31"))
"""AWS regions of the health checkers and an address of each, as the API shows them."""
_ENOUGH = 0.18
_SHORTEST_INTERVAL = timedelta(milliseconds=50 * len(OBSERVERS))
"""An observer asks no more often, so that an endpoint is asked each 50 ms at most."""
_TIMEOUT = timedelta(seconds=4)
"""To connect; the answer may take 2 s more (Developer Guide). Both are one figure here."""
_SHORTEST_TIMEOUT = timedelta(milliseconds=300)


@dataclass(frozen=True, slots=True)
class Watched:
    """What to ask: `endpoint` gives address and port now, or None while there is nobody to ask."""

    id: str
    name: str
    endpoint: Callable[[], tuple[str, int] | None]
    path: str
    host: str
    interval: timedelta
    failure_threshold: int


@dataclass(frozen=True, slots=True)
class Observation:
    """What one observer saw last."""

    region: str
    address: str
    ok: bool
    status: str
    at: datetime


class HealthCheckers:
    """All checks on one event loop in one thread. `on_change` is called there when a check changes its mind."""

    def __init__(
        self,
        scaled: Callable[..., timedelta],
        on_change: Callable[[str, bool], None],
        record: Callable[[object], None],
    ) -> None:
        self._scaled = scaled
        self._on_change = on_change
        self._record = record
        self._lock = threading.Lock()
        self._closed = False
        self._states: dict[str, _State] = {}
        self._tasks: dict[str, list[asyncio.Task[None]]] = {}
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="route53-checkers", daemon=True)
        self._thread.start()

    def watch(self, what: Watched) -> None:
        """Begin to ask, unless it is done already."""
        with self._lock:
            if what.id in self._states or self._closed:
                return
            self._states[what.id] = _State(what)
        self._call(self._start(what))

    def is_healthy(self, check_id: str) -> bool:
        """A check that is not known is healthy, as one that has not asked yet."""
        state = self._states.get(check_id)
        return state is None or state.healthy

    def observations(self, check_id: str) -> tuple[Observation, ...]:
        """The last look of each observer that has looked."""
        state = self._states.get(check_id)
        return tuple(seen for seen in state.last if seen) if state else ()

    def last_failures(self, check_id: str) -> tuple[Observation, ...]:
        """The last failure that each observer has met."""
        state = self._states.get(check_id)
        return tuple(seen for seen in state.last_failure if seen) if state else ()

    def close(self) -> None:
        with self._lock:
            if self._closed:
                return
            self._closed = True
        every = [task for tasks in self._tasks.values() for task in tasks]
        self._call(self._cancel(every))
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()

    def _call(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result()

    async def _start(self, what: Watched) -> None:
        self._tasks[what.id] = [self._loop.create_task(self._observe(what, number)) for number in range(len(OBSERVERS))]

    @staticmethod
    async def _cancel(tasks: list[asyncio.Task[None]]) -> None:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _observe(self, what: Watched, number: int) -> None:
        interval = self._scaled(what.interval, at_least=_SHORTEST_INTERVAL).total_seconds()
        timeout = self._scaled(_TIMEOUT, at_least=_SHORTEST_TIMEOUT).total_seconds()
        state = self._states[what.id]
        due = self._loop.time() + interval * number / len(OBSERVERS)
        connection = KeptConnection()
        try:
            while not self._closed:
                await asyncio.sleep(due - self._loop.time())
                ok, status = await connection.ask(what, timeout)
                if state.saw(number, ok, status):
                    self._tell(what, state)
                due = max(due + interval, self._loop.time())
        finally:
            connection.close()

    def _tell(self, what: Watched, state: _State) -> None:
        said = "healthy" if state.healthy else "unhealthy"
        reason = next((seen.status for seen in state.last if seen and seen.ok == state.healthy), "")
        self._record(MachineEvent(f"health check {what.name}", said, reason))
        try:
            self._on_change(what.id, state.healthy)
        except Exception as error:  # the boundary of a thread: the checkers must go on
            self._record(Problem(f"cloud: health check {what.name}", f"{type(error).__name__}: {error}"))


class _State:
    """What the observers of one check have seen; changed on the event loop only."""

    def __init__(self, what: Watched) -> None:
        self.healthy = True
        self.last: list[Observation | None] = [None] * len(OBSERVERS)
        self.last_failure: list[Observation | None] = [None] * len(OBSERVERS)
        self._threshold = what.failure_threshold
        self._votes = [True] * len(OBSERVERS)
        self._runs = [0] * len(OBSERVERS)

    def saw(self, number: int, ok: bool, status: str) -> bool:
        """Take in one look; True when the check's health is now another one."""
        seen = Observation(*OBSERVERS[number], ok, status, datetime.now(UTC))
        self.last[number] = seen
        if not ok:
            self.last_failure[number] = seen
        self._runs[number] = self._runs[number] + 1 if ok != self._votes[number] else 0
        if self._runs[number] >= self._threshold:
            self._votes[number], self._runs[number] = ok, 0
        before, self.healthy = self.healthy, sum(self._votes) > _ENOUGH * len(self._votes)
        return self.healthy != before
