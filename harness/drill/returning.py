"""What was lost comes back: an instance, to which somebody still writes, or a region, to which somebody may be led."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

from harness.aws_rules.durations import ALIAS_TTL
from harness.capabilities import Darkening, Losable, Promotable
from harness.clock import Instant, span
from harness.drill.scene import Scene
from harness.errors import NeverHappened
from harness.facts import Phase, Promise
from harness.probes.fencing import fencing
from harness.probes.return_of_region import is_well_again, returned
from harness.verdict.proof import ENOUGH_WRITES
from harness.wait import until

COMES_BACK_WITHIN = timedelta(seconds=10)
RETURNS_WITHIN = timedelta(minutes=10)
"""Of AWS's time: tasks start, balancers and health checks find them well, clients' answers run out."""
FENCING_PROBE = timedelta(seconds=0.5)


def bring_back_the_lost(scene: Scene) -> None:
    """Where that is expected, the lost instance returns with all it held; whoever knows its address tries to write.

    Where a region was lost, all of it returns, and the clients go on long enough to be led there.
    """
    if Promise.RETURN in scene.spec.promises:
        _bring_back_the_region(scene)
    if Promise.FENCING not in scene.spec.promises:
        return
    target = scene.environment.target(scene.spec.strikes)
    if not isinstance(target, Losable) or scene.old_endpoint is None:
        return
    scene.enter(Phase.FENCING)
    if target.is_lost():
        target.come_back()
    writable = target.accepts_writes if isinstance(target, Promotable) else target.is_running
    with suppress(NeverHappened):
        until("the lost one taking writes", writable, within=COMES_BACK_WITHIN, clock=scene.clock)
    host, port = scene.old_endpoint
    scene.note(
        fencing(
            scene.environment.directory,
            host,
            port,
            scene.environment.login(),
            returned=writable,
            during=FENCING_PROBE,
            clock=scene.clock,
        )
    )


def _bring_back_the_region(scene: Scene) -> None:
    scene.enter(Phase.RETURNING)
    region, target = scene.estate.placed(scene.spec.strikes).called, scene.environment.target(scene.spec.strikes)
    assert isinstance(target, Darkening), "only a region is promised to return"
    target.come_back()
    within = COMES_BACK_WITHIN + RETURNS_WITHIN * scene.config.pace
    well = _in_time(scene, f"{region} well again", within, lambda: is_well_again(scene.aws(), scene.estate, region))
    since = scene.clock.now()
    asked = well and _in_time(scene, "clients asking again", within, lambda: _asked_again(scene, since))
    scene.note(returned(scene.environment.directory, scene.estate, region, well=well, asked_again=asked))


def _in_time(scene: Scene, what: str, within: timedelta, condition: Callable[[], bool]) -> bool:
    try:
        return until(what, condition, within=within, clock=scene.clock)
    except NeverHappened:
        return False


def _asked_again(scene: Scene, since: Instant) -> bool:
    """Whether every client has had answers since then, and has looked the names up afresh."""
    crew, kept = scene.clients(), timedelta(seconds=ALIAS_TTL) * scene.config.pace
    enough = all(crew.acknowledged(client, since) >= ENOUGH_WRITES for client in crew.clients)
    return enough and span(since, scene.clock.now()) > 2 * kept
