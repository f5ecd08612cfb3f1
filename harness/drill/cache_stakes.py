"""What a drill looks at that is about a cache, and the nights in which its backups are taken."""

from __future__ import annotations

from datetime import timedelta

from harness.capabilities import BackedUpNightly
from harness.drill.scene import Scene
from harness.drill.stake import NothingAtStake, UnderItsName, note_serving
from harness.drill.warmth import Warmth
from harness.errors import BadSpec, WorkloadFailed
from harness.estate import Cache, Estate
from harness.facts import AtStake, NightPlayed, Probed, Stage
from harness.probes import cache
from harness.verdict.proof import ENOUGH_WRITES
from harness.wait import until
from harness.workload.cache_readback import read_back_cache

_NIGHT_WITHIN = timedelta(seconds=30)


class CacheInUse(NothingAtStake):
    """The same, with clients of the cache of which a copy is made; nights that the drill asks for are played first."""

    kind = AtStake.CACHE

    def before(self, scene: Scene) -> None:
        _play_nights(scene)

    def settle(self, scene: Scene, host: str, port: int) -> None:
        note_serving(scene, host, port)
        _settle_cache(scene)


class CacheAtStake(UnderItsName):
    """A cache, as the application uses it; and the database, which has to do the work meanwhile."""

    kind = AtStake.CACHE

    def __init__(self) -> None:
        self._warmth = Warmth()

    def names(self, estate: Estate) -> tuple[str, ...]:
        return (cache.name_of(estate),)

    def before(self, scene: Scene) -> None:
        directory, lost = scene.environment.directory, scene.estate.cache(scene.spec.strikes)
        self._warmth.wait_warm(scene)
        with self._warmth.counting(scene):
            for group in sorted(scene.estate.caches, key=lambda one: one is not lost):
                if group.raised:
                    scene.note(cache.seen(scene.aws(), group.region, group.identifier, Stage.BASELINE))
            _play_nights(scene)
            scene.note(cache.in_health(directory, scene.estate, Stage.BASELINE))
            scene.note(cache.takes_writes(directory, scene.estate, Stage.BASELINE))
        self._warmth.note_before(scene)

    def validate(self, scene: Scene) -> None:
        directory = scene.environment.directory
        scene.note(cache.in_health(directory, scene.estate, Stage.VALIDATION))
        scene.note(cache.takes_writes(directory, scene.estate, Stage.VALIDATION))
        scene.note(cache.serving(directory, scene.aws(), scene.estate, Stage.VALIDATION))
        self._warmth.follow(scene)

    def refuge(self, scene: Scene) -> tuple[str, int] | None:
        return None

    def settle(self, scene: Scene, host: str, port: int) -> None:
        _settle_cache(scene)

    def after(self, scene: Scene) -> None:
        served = cache.serving(scene.environment.directory, scene.aws(), scene.estate, Stage.SETTLED)
        if served.region:
            scene.note(cache.seen(scene.aws(), served.region, served.identifier, Stage.SETTLED))


def _settle_cache(scene: Scene) -> None:
    """Read back what the cache holds that is in use."""
    directory = scene.environment.directory
    in_use = cache.host_in_use(directory, scene.estate)
    try:
        scene.note(read_back_cache(directory, in_use, scene.folder))
    except WorkloadFailed as failure:
        scene.note(Probed(Stage.SETTLED, "what the cache holds", ok=False, detail=failure.message))


def _play_nights(scene: Scene) -> None:
    for night in range(scene.spec.nights):
        _play_night(scene, scene.estate.cache(scene.spec.strikes), night + 1)


def _play_night(scene: Scene, lost: Cache, count: int) -> None:
    """Let the nightly backup be taken of what the keeper has written by now, and wait until it can be used."""
    target, crew = scene.environment.target(lost.role), scene.clients()
    if not isinstance(target, BackedUpNightly):
        raise BadSpec(f"{lost.role} is not backed up each night", hint="Leave nights out, or strike something that is.")
    evening = scene.note(NightPlayed(lost.role))
    target.take_nightly_backup()
    until(
        f"snapshot {count} of {lost.identifier}",
        lambda: len(cache.usable_snapshots(scene.aws(), lost.region, lost.identifier)) >= count,
        within=_NIGHT_WITHIN,
        clock=scene.clock,
    )
    until(
        "a day's work",
        lambda: all(crew.acknowledged(client, evening) >= ENOUGH_WRITES for client in crew.clients),
        within=_NIGHT_WITHIN,
        clock=scene.clock,
    )
