"""Following a cache's hit rate, and what the database is asked, until both are what they were."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import timedelta
from statistics import fmean

import psycopg

from harness.clock import Instant, span
from harness.dial import NameNotFound
from harness.drill.scene import Scene
from harness.errors import NeverHappened
from harness.facts import Stage, WarmthSeen
from harness.probes import database
from harness.verdict.cache import AS_WARM, is_warm
from harness.wait import until

WINDOW = timedelta(seconds=2)
"""Over which the database's transactions are counted, see `pace_of`."""
_ENOUGH = 2
"""How often they must have been counted in each half of it."""
HIT_WINDOW = timedelta(seconds=1)
WITHIN = timedelta(seconds=4)
"""For which a cache is followed once service is back. It does not get warm in that time by what visitors ask for."""
WARM_WITHIN = timedelta(seconds=30)
"""For which is waited before the disaster: by then a reader has asked for everything more than once."""
_OFTEN = timedelta(milliseconds=150)


class Warmth:
    """The figures of one drill."""

    def __init__(self) -> None:
        self._counted: list[tuple[Instant, int]] = []
        self._before: WarmthSeen | None = None

    def wait_warm(self, scene: Scene) -> None:
        """Wait until the cache answers nearly all, as it does on any other day. Raises NeverHappened."""
        until("the cache warm", lambda: _hit_rate(scene) >= AS_WARM, within=WARM_WITHIN, clock=scene.clock)

    @contextmanager
    def counting(self, scene: Scene) -> Iterator[None]:
        """Count what is usual, while the drill does something that does not change it."""
        ended = threading.Event()

        def count() -> None:
            while not ended.wait(_OFTEN.total_seconds()):
                self._count(scene)

        thread = threading.Thread(target=count, name="warmth", daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()

    def note_before(self, scene: Scene) -> None:
        """What is usual while the cache is warm, from what was counted last. Raises NeverHappened."""
        seen: list[WarmthSeen] = []

        def usual() -> bool:
            seen[:] = self._look(scene, Stage.BASELINE, timedelta(0))
            return bool(seen) and seen[0].hit_rate >= AS_WARM

        until("what is usual with the cache warm", usual, within=WARM_WITHIN, every=_OFTEN, clock=scene.clock)
        [self._before] = seen
        scene.note(self._before)

    def follow(self, scene: Scene) -> None:
        """Look until hit rate and load are as they were; what was seen last is noted, whether they are or not."""
        since, before = scene.clock.now(), self._before
        self._counted.clear()
        last: list[WarmthSeen] = []

        def as_before() -> bool:
            last[:] = self._look(scene, Stage.VALIDATION, span(since, scene.clock.now())) or last
            return bool(last) and before is not None and is_warm(before, last[0])

        with suppress(NeverHappened):
            until("the cache as warm as before", as_before, within=WITHIN, every=_OFTEN, clock=scene.clock)
        for seen in last:
            scene.note(seen)

    def _look(self, scene: Scene, stage: Stage, took: timedelta) -> list[WarmthSeen]:
        """Hit rate and load as they are now, if that can be told yet."""
        self._count(scene)
        pace = pace_of(self._counted)
        return [] if pace is None else [WarmthSeen(stage, _hit_rate(scene), pace, took)]

    def _count(self, scene: Scene) -> None:
        directory, login = scene.environment.directory, scene.environment.login()
        with suppress(psycopg.Error, NameNotFound, OSError):  # one look that failed is no reason to look away
            transactions = database.transactions(directory, *scene.database_name, login)
            self._counted.append((scene.clock.now(), transactions))


def pace_of(counted: Sequence[tuple[Instant, int]]) -> float | None:
    """Transactions a second over the latest window, or None where that was not counted well.

    PostgreSQL's servers tell what they did once a second (PGSTAT_MIN_INTERVAL), so the counter goes by jumps. Its mean
    over a second has none: the means of both halves of the window are compared.
    """
    if not counted or span(counted[0][0], counted[-1][0]) < WINDOW:
        return None
    ages = [(span(at, counted[-1][0]), at, count) for at, count in counted]
    late = [(at, count) for age, at, count in ages if age <= WINDOW / 2]
    early = [(at, count) for age, at, count in ages if WINDOW / 2 < age <= WINDOW]
    if min(len(early), len(late)) < _ENOUGH:
        return None
    seconds = (fmean(at for at, _ in late) - fmean(at for at, _ in early)) / 1e9
    return (fmean(count for _, count in late) - fmean(count for _, count in early)) / seconds


def _hit_rate(scene: Scene) -> float:
    since = Instant(scene.clock.now() - round(HIT_WINDOW.total_seconds() * 1e9))
    return scene.clients().hit_rate(since) or 0.0
