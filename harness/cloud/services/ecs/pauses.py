"""How ECS pauses longer and longer before it tries again to start tasks that cannot be started.

ECS Developer Guide, "Amazon ECS service throttle logic"; it gives no figure but the longest.
"""

from __future__ import annotations

import time
from datetime import timedelta

from harness.cloud.service import World
from harness.cloud.services.ecs.state import ServiceState

_FIRST = timedelta(seconds=10)
_LONGEST = timedelta(minutes=10)
_SHORTEST = timedelta(milliseconds=200)


class Pauses:
    """Those of one service."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._failures = 0
        self._until = 0.0

    def begin(self, state: ServiceState, reason: str) -> None:
        """A task could not be started: pause for twice as long as the last time, and say so."""
        self._failures += 1
        pause = min(_FIRST * 2 ** min(self._failures - 1, 8), _LONGEST)
        self._until = time.monotonic() + self._world.pace.scaled(pause, at_least=_SHORTEST).total_seconds()
        state.say(f"was unable to place a task. Reason: {reason}.")
        if self._failures > 1:
            state.say("is unable to consistently start tasks successfully.")

    def last(self) -> bool:
        """Whether one is under way."""
        return time.monotonic() < self._until

    def end(self) -> None:
        """Try at once, as after a change of the service."""
        self._failures, self._until = 0, 0.0
