"""Following a cache's hit rate, and what the database is asked, until both are what they were."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

import psycopg

from harness.clock import Instant, span
from harness.dial import NameNotFound
from harness.drill.scene import Scene
from harness.errors import NeverHappened
from harness.facts import Stage, WarmthSeen
from harness.probes import database
from harness.verdict.cache import AS_WARM, is_warm
from harness.wait import until

WINDOW = timedelta(seconds=1.5)
"""Over which the database's transactions are counted: its servers report what they did about once a second."""
HIT_WINDOW = timedelta(seconds=1)
WITHIN = timedelta(seconds=4)
"""For which a cache is followed once service is back. It does not get warm in that time by what visitors ask for."""
WARM_WITHIN = timedelta(seconds=30)
"""For which is waited before the disaster: by then a reader has asked for everything more than once."""
_OFTEN = timedelta(milliseconds=200)


class Warmth:
    """The figures of one drill."""

    def __init__(self) -> None:
        self._counted: list[tuple[Instant, int]] = []
        self._before: WarmthSeen | None = None

    def begin(self, scene: Scene) -> None:
        """Count from now on."""
        self._count(scene)

    def wait_warm(self, scene: Scene) -> None:
        """Wait until the cache answers nearly all, as it does on any other day. Raises NeverHappened."""
        until("the cache warm", lambda: _hit_rate(scene) >= AS_WARM, within=WARM_WITHIN, clock=scene.clock)

    def note_before(self, scene: Scene) -> None:
        """What is usual, counted since `begin` for at least a window, and while the cache is warm."""
        begun = self._counted[0][0]
        until(
            "a window to count in, with the cache warm",
            lambda: span(begun, scene.clock.now()) >= WINDOW and _hit_rate(scene) >= AS_WARM,
            within=WARM_WITHIN,
            clock=scene.clock,
        )
        self._count(scene)
        self._before = self._seen(scene, Stage.BASELINE, timedelta(0))
        scene.note(self._before)

    def follow(self, scene: Scene) -> None:
        """Look until hit rate and load are as they were; what was seen last is noted, whether they are or not."""
        since, before = scene.clock.now(), self._before
        self._counted.clear()
        last: list[WarmthSeen] = []

        def as_before() -> bool:
            with suppress(psycopg.Error, NameNotFound):  # one look that failed is no reason to look away
                self._count(scene)
            if not self._counted or span(self._counted[0][0], self._counted[-1][0]) < WINDOW:
                return False
            last[:] = [self._seen(scene, Stage.VALIDATION, span(since, scene.clock.now()))]
            return before is not None and is_warm(before, last[0])

        with suppress(NeverHappened):
            until("the cache as warm as before", as_before, within=WITHIN, every=_OFTEN, clock=scene.clock)
        for seen in last:
            scene.note(seen)

    def _count(self, scene: Scene) -> None:
        directory, login = scene.environment.directory, scene.environment.login()
        transactions = database.transactions(directory, *scene.database_name, login)
        self._counted.append((scene.clock.now(), transactions))

    def _seen(self, scene: Scene, stage: Stage, took: timedelta) -> WarmthSeen:
        """The rate over the latest window, or over all there is where that is shorter."""
        now, transactions = self._counted[-1]
        begun, first = next((one for one in reversed(self._counted) if span(one[0], now) >= WINDOW), self._counted[0])
        seconds = max(span(begun, now).total_seconds(), 1e-3)
        return WarmthSeen(stage, _hit_rate(scene), (transactions - first) / seconds, took)


def _hit_rate(scene: Scene) -> float:
    since = Instant(scene.clock.now() - round(HIT_WINDOW.total_seconds() * 1e9))
    return scene.clients().hit_rate(since) or 0.0
