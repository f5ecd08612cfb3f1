"""What a drill has to look at depends on what it is about, and on whether its clients may notice anything."""

from __future__ import annotations

from datetime import timedelta
from typing import Protocol

from harness.capabilities import BackedUpNightly
from harness.drill.scene import Scene
from harness.drill.warmth import Warmth
from harness.errors import BadSpec, WorkloadFailed
from harness.estate import Cache, Estate, Region, Role, Service
from harness.facts import AtStake, Declared, NightPlayed, Probed, Stage
from harness.probes import application, cache, database, terms
from harness.probes.capacity import capacity, release
from harness.spec import DrillSpec
from harness.verdict.proof import ENOUGH_WRITES
from harness.wait import until
from harness.workload.cache_readback import read_back_cache

_NIGHT_WITHIN = timedelta(seconds=30)
_WITHOUT_RECORDS = (
    (
        "the return of the lost region",
        "health checks alone lead everybody back to it: once Route 53 can be changed, the names have to be moved first",
    ),
    (
        "who connects by the database's name",
        "that is a plain record, which nobody can change now: it leads to what is lost until Route 53 can be changed",
    ),
)
"""What is not tried where no record can be changed."""


class Stake(Protocol):
    """The looks that are different."""

    kind: AtStake

    def names(self, estate: Estate) -> tuple[str, ...]:
        """Under what the one that took over must answer."""
        ...

    def before(self, scene: Scene) -> None:
        """The baseline, once every client works that writes into what is at stake."""
        ...

    def database_at(self, scene: Scene) -> tuple[str, int]:
        """Where the database is looked for once it is recovered."""
        ...

    def validate(self, scene: Scene) -> None:
        """Who serves now, while the clients still work."""
        ...

    def refuge(self, scene: Scene) -> tuple[str, int] | None:
        """Where else the database may be, when it does not answer under its name."""
        ...

    def settle(self, scene: Scene, host: str, port: int) -> None:
        """Who holds the data, after the clients have stopped; the database is at that host."""
        ...

    def after(self, scene: Scene) -> None:
        """Who serves and how strong it is, once the clients are gone."""
        ...


class _UnderItsName:
    """Whoever takes over answers under the database's own name."""

    def database_at(self, scene: Scene) -> tuple[str, int]:
        return scene.database_name


class DatabaseAtStake(_UnderItsName):
    """A database, under its own name and behind the application."""

    kind = AtStake.DATABASE

    def names(self, estate: Estate) -> tuple[str, ...]:
        return estate.zone.public_name, estate.zone.database_name

    def before(self, scene: Scene) -> None:
        scene.note_protection(Stage.BASELINE, scene.spec.strikes)
        scene.old_endpoint = scene.endpoint_of(scene.spec.strikes)

    def validate(self, scene: Scene) -> None:
        directory, login = scene.environment.directory, scene.environment.login()
        scene.note(database.serving(directory, scene.aws(), scene.estate, *scene.database_name, login))
        scene.note(application.database_behind(directory, scene.aws(), scene.estate))

    def refuge(self, scene: Scene) -> tuple[str, int] | None:
        return scene.endpoint_of(scene.spec.recovers_to[0])

    def settle(self, scene: Scene, host: str, port: int) -> None:
        _note_serving(scene, host, port)

    def after(self, scene: Scene) -> None:
        scene.note(application.database_behind(scene.environment.directory, scene.aws(), scene.estate))
        scene.note_protection(Stage.SETTLED, scene.spec.recovers_to[0])


class RegionAtStake(DatabaseAtStake):
    """A whole region: its database and its cache, and the service, which is to run as widely in the other one.

    Where no name can be moved, the database is looked for at its own endpoint.
    """

    def __init__(self, *, names_move: bool) -> None:
        self._names_move = names_move

    def names(self, estate: Estate) -> tuple[str, ...]:
        moved = (estate.zone.database_name,) if self._names_move else ()
        return estate.zone.public_name, *moved, cache.name_of(estate)

    def database_at(self, scene: Scene) -> tuple[str, int]:
        meant = None if self._names_move else scene.endpoint_of(scene.spec.recovers_to[0])
        return meant or scene.database_name

    def before(self, scene: Scene) -> None:
        scene.note_protection(Stage.BASELINE, Role.PRIMARY_DATABASE)
        scene.note(capacity(scene.aws(), scene.estate, Role.APPLICATION, Stage.BASELINE))
        scene.note(terms.alias_kept(scene.estate))
        if not self._names_move:
            for what, why in _WITHOUT_RECORDS:
                scene.note(Declared(what, why))
        directory = scene.environment.directory
        for group in (scene.estate.cache(Role.CACHE), scene.estate.cache(Role.DR_CACHE)):
            scene.note(cache.seen(scene.aws(), group.region, group.identifier, Stage.BASELINE))
        scene.note(cache.in_health(directory, scene.estate, Stage.BASELINE))

    def validate(self, scene: Scene) -> None:
        if self._names_move:
            super().validate(scene)
        else:
            scene.note(application.database_behind(scene.environment.directory, scene.aws(), scene.estate))
        directory = scene.environment.directory
        scene.note(cache.in_health(directory, scene.estate, Stage.VALIDATION))
        scene.note(cache.takes_writes(directory, scene.estate, Stage.VALIDATION))
        scene.note(cache.serving(directory, scene.aws(), scene.estate, Stage.VALIDATION))

    def after(self, scene: Scene) -> None:
        super().after(scene)
        scene.note(capacity(scene.aws(), scene.estate, Role.DR_APPLICATION, Stage.SETTLED))
        served = cache.serving(scene.environment.directory, scene.aws(), scene.estate, Stage.SETTLED)
        if served.region:
            scene.note(cache.seen(scene.aws(), served.region, served.identifier, Stage.SETTLED))


class ApplicationAtStake(DatabaseAtStake):
    """A service, before a database that nothing happens to: what its tasks run, and how many there are."""

    def before(self, scene: Scene) -> None:
        self._look(scene, Stage.BASELINE)

    def after(self, scene: Scene) -> None:
        scene.note(application.database_behind(scene.environment.directory, scene.aws(), scene.estate))
        self._look(scene, Stage.SETTLED)

    def _look(self, scene: Scene, stage: Stage) -> None:
        for look in (capacity, release):
            scene.note(look(scene.aws(), scene.estate, scene.spec.strikes, stage))


class NothingAtStake(_UnderItsName):
    """The clients go on at their database as if nothing had happened; a witness looks at the rest."""

    kind = AtStake.DATABASE

    def names(self, estate: Estate) -> tuple[str, ...]:
        return ()

    def before(self, scene: Scene) -> None:
        """The witness looks for itself, just before the strike."""

    def validate(self, scene: Scene) -> None:
        """The witness does."""

    def refuge(self, scene: Scene) -> tuple[str, int] | None:
        return None

    def settle(self, scene: Scene, host: str, port: int) -> None:
        _note_serving(scene, host, port)

    def after(self, scene: Scene) -> None:
        """The witness has looked."""


class CacheInUse(NothingAtStake):
    """The same, with clients of the cache of which a copy is made; nights that the drill asks for are played first."""

    kind = AtStake.CACHE

    def before(self, scene: Scene) -> None:
        _play_nights(scene)

    def settle(self, scene: Scene, host: str, port: int) -> None:
        _note_serving(scene, host, port)
        _settle_cache(scene)


class CacheAtStake(_UnderItsName):
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


def stake_of(spec: DrillSpec, estate: Estate) -> Stake:
    """What is at stake in a drill. Raises BadEstate when the estate has nothing in the place that is struck."""
    if isinstance(estate.placed(spec.strikes), Region):
        return RegionAtStake(names_move=spec.names_move)
    cached = isinstance(estate.placed(spec.strikes), Cache)
    if isinstance(estate.placed(spec.strikes), Service) and spec.witness is None:
        return ApplicationAtStake()
    if spec.witness is not None:
        return CacheInUse() if cached else NothingAtStake()
    return CacheAtStake() if cached else DatabaseAtStake()


def _note_serving(scene: Scene, host: str, port: int) -> None:
    """Which database is there."""
    directory, login = scene.environment.directory, scene.environment.login()
    scene.note(database.serving(directory, scene.aws(), scene.estate, host, port, login))


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
