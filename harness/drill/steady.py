"""Reaching steady state: the estate serves, clients write, and what is there is counted before anything breaks."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

from harness.aws import Actor
from harness.clock import Instant
from harness.drill.disaster import expected_signals
from harness.drill.scene import Scene
from harness.drill.stake import Stake
from harness.facts import ClocksRead, Declared, Phase, Promise, Stage
from harness.probes import application, data, database, terms
from harness.probes.configuration import configuration, time_to_live
from harness.recovery.procedure import OF_BACKUPS, SERVICES
from harness.verdict.proof import ENOUGH_WRITES
from harness.wait import until
from harness.workload.clients import Crew

STEADY_WITHIN = timedelta(seconds=30)


def raise_estate(scene: Scene) -> None:
    """Bring the environment up and make sure that it is the right one."""
    scene.enter(Phase.RAISING)
    scene.environment.up()
    scene.guard.check_account(scene.aws())
    for what, why in scene.environment.declared():
        scene.note(Declared(what, why))


def reach_steady_state(scene: Scene, stake: Stake) -> None:
    """Start the clients, look at everything once, wait until each client has written enough. Raises NeverHappened."""
    scene.enter(Phase.STEADY)
    environment, login = scene.environment, scene.environment.login()
    until("/health good", lambda: _healthy(scene), within=STEADY_WITHIN, clock=scene.clock)
    scene.crew = Crew(
        directory=environment.directory,
        estate=scene.estate,
        login=login,
        workload=scene.spec.workload,
        spawner=environment.spawner,
        log=scene.log,
        folder=scene.folder,
    )
    since = scene.clock.now()
    scene.crew.start()
    called = SERVICES if scene.spec.witness is None else (*SERVICES, *OF_BACKUPS)
    tools = threading.Thread(target=lambda: scene.aws(Actor.AUTOMATION).prepare(called), name="tools", daemon=True)
    tools.start()
    _look(scene)
    looks = expected_signals(scene).values()
    until(
        "every signal quiet",  # so that what it says later is about the disaster
        lambda: not any(look() for look in looks),
        within=STEADY_WITHIN,
        clock=scene.clock,
    )
    writing = scene.crew.writing_into(stake.kind)
    _wait_writing(scene, writing, since)
    stake.before(scene)
    _wait_writing(scene, [client for client in scene.crew.clients if client not in writing], since)
    tools.join()


def _wait_writing(scene: Scene, clients: Iterable[str], since: Instant) -> None:
    crew = scene.clients()
    for client in clients:
        until(
            f"{client} writing",
            lambda client=client: crew.acknowledged(client, since) >= ENOUGH_WRITES,  # type: ignore[misc]
            within=STEADY_WITHIN,
            clock=scene.clock,
        )


def _healthy(scene: Scene) -> bool:
    return application.health(scene.environment.directory, scene.estate, Stage.BASELINE).ok


def _look(scene: Scene) -> None:
    """The baseline: probes, integrity queries, the terms of detection and the exposure."""
    directory, aws, login = scene.environment.directory, scene.aws(), scene.environment.login()
    host, port = scene.database_name
    scene.note(application.health(directory, scene.estate, Stage.BASELINE))
    scene.note(database.select_one(directory, host, port, login, Stage.BASELINE))
    scene.note(database.integrity(directory, host, port, login, Stage.BASELINE))
    scene.note(terms.detection(scene.sight, scene.spec.signals))
    if Promise.RESTRAINT in scene.spec.promises:
        for term in terms.failover(scene.sight, scene.spec.strikes):
            scene.note(term)
    scene.note(ClocksRead(scene.clock.now(), scene.clock.wall()))
    if scene.spec.silent:
        scene.baseline = data.check(scene.sight, host, port)
        scene.note(scene.baseline)
    scene.note(time_to_live(aws, scene.estate))
    scene.note(configuration(aws, scene.estate, "before the disaster"))
    _look_at_exposure(scene)


def _look_at_exposure(scene: Scene) -> None:
    """What could be lost by each way in which data reaches the place that this recovery uses."""
    for exposure in scene.spec.exposures:
        for seen in exposure.look(scene.sight):
            scene.note(replace(seen, role=exposure.role.value))
