"""What is at stake where more than one store is lost, or none: a region, a service, its balancer."""

from __future__ import annotations

from harness.drill.cache_stakes import CacheAtStake, CacheInUse
from harness.drill.scene import Scene
from harness.drill.stake import DatabaseAtStake, NothingAtStake, Stake
from harness.estate import Balancer, Cache, Estate, Region, Role, Service
from harness.facts import Declared, Stage
from harness.probes import application, cache, terms, way_in
from harness.probes import capacity as looks
from harness.spec import DrillSpec

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
_ELSEWHERE = (
    (
        "who still holds an old address",
        "nobody can fence a region that does not answer: once it is back, its database takes the writes of whoever kept"
        " its address, until somebody closes it",
    ),
    ("what the cache held", "no client writes into it here; cache-failover-dr counts what is lost of it"),
    ("the buckets", "the application uses none; restore-bucket and restore-lost-bucket bring back what is in them"),
)
"""What a drill of a lost region does not try."""


class RegionAtStake(DatabaseAtStake):
    """A whole region: its database and its cache, and the service, which is to run as widely in the other one.

    Where no name can be moved, the database is looked for at its own endpoint.
    """

    def __init__(self, *, names_move: bool) -> None:
        self._names_move = names_move
        self._ttl = 0

    def names(self, estate: Estate) -> tuple[str, ...]:
        moved = (estate.zone.database_name,) if self._names_move else ()
        return estate.zone.public_name, *moved, cache.name_of(estate)

    def database_at(self, scene: Scene) -> tuple[str, int]:
        meant = None if self._names_move else scene.endpoint_of(scene.spec.recovers_to[0])
        return meant or scene.database_name

    def before(self, scene: Scene) -> None:
        scene.note_protection(Stage.BASELINE, Role.PRIMARY_DATABASE)
        scene.note(looks.capacity(scene.aws(), scene.estate, Role.APPLICATION, Stage.BASELINE))
        scene.note(terms.alias_kept(scene.estate))
        if not self._names_move:
            for what, why in _WITHOUT_RECORDS:
                scene.note(Declared(what, why))
        directory = scene.environment.directory
        for group in (scene.estate.cache(Role.CACHE), scene.estate.cache(Role.DR_CACHE)):
            scene.note(cache.seen(scene.aws(), group.region, group.identifier, Stage.BASELINE))
        scene.note(cache.in_health(directory, scene.estate, Stage.BASELINE))
        self._ttl = way_in.longest_ttl(scene.aws(), scene.estate)
        for what, why in _ELSEWHERE:
            scene.note(Declared(what, why))

    def validate(self, scene: Scene) -> None:
        if self._names_move:
            super().validate(scene)
        else:
            scene.note(application.database_behind(scene.environment.directory, scene.aws(), scene.estate))
        scene.note(cache.serving(scene.environment.directory, scene.aws(), scene.estate, Stage.VALIDATION))
        self._look(scene, Stage.VALIDATION)

    def _look(self, scene: Scene, stage: Stage) -> None:
        """What has to be so when service is back, and still at the very end."""
        directory, aws, estate = scene.environment.directory, scene.aws(), scene.estate
        scene.note(cache.in_health(directory, estate, stage))
        scene.note(cache.takes_writes(directory, estate, stage))
        scene.note(way_in.settings(aws, estate, Role.DR_APPLICATION, scene.environment.login(), stage))
        if self._names_move:
            scene.note(way_in.records(aws, estate, self._ttl, stage))

    def after(self, scene: Scene) -> None:
        super().after(scene)
        self._look(scene, Stage.SETTLED)
        scene.note(looks.capacity(scene.aws(), scene.estate, Role.DR_APPLICATION, Stage.SETTLED))
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
        for look in (looks.capacity, looks.release):
            scene.note(look(scene.aws(), scene.estate, scene.spec.strikes, stage))


class BalancerAtStake(ApplicationAtStake):
    """The balancer before a service that nothing happens to: where it sends, and how much of that is healthy."""

    def _look(self, scene: Scene, stage: Stage) -> None:
        struck = scene.estate.balancer(scene.spec.strikes)
        [service] = [one for one in scene.estate.services if one.balancer is struck.role]
        scene.note(looks.capacity(scene.aws(), scene.estate, service.role, stage))
        scene.note(looks.targets(scene.aws(), struck, stage))


def stake_of(spec: DrillSpec, estate: Estate) -> Stake:
    """What is at stake in a drill. Raises BadEstate when the estate has nothing in the place that is struck."""
    if isinstance(estate.placed(spec.strikes), Region):
        return RegionAtStake(names_move=spec.names_move)
    struck = estate.placed(spec.strikes)
    if isinstance(struck, Service | Balancer) and spec.witness is None:
        return ApplicationAtStake() if isinstance(struck, Service) else BalancerAtStake()
    cached = isinstance(struck, Cache)
    if spec.witness is not None:
        return CacheInUse() if cached else NothingAtStake()
    return CacheAtStake() if cached else DatabaseAtStake()
