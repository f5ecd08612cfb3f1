"""Recovering, waiting for service, bringing the lost one back, and counting what is left."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import psycopg

from harness.aws import Actor
from harness.clock import Instant, span
from harness.drill.scene import Scene
from harness.drill.stake import Stake
from harness.errors import NeverHappened, ProcedureFailed
from harness.estate import Database
from harness.facts import (
    INTEGRITY,
    DataChecked,
    Part,
    Phase,
    Probed,
    Promise,
    RecoveryEnded,
    RecoveryStarted,
    Stage,
    StepEnded,
    StepStarted,
)
from harness.objectives import SUSTAINED
from harness.operators.operator import Operator
from harness.probes import application, data, database
from harness.probes.configuration import configuration
from harness.probes.restorable import backups_of
from harness.recovery.procedure import Recovery, Step
from harness.wait import until
from harness.workload.readback import read_back

PATIENCE = timedelta(seconds=5)
"""Beyond the rehearsal budget: time in which a late recovery can still be seen and measured."""
ANSWERING = timedelta(seconds=0.5)
"""Good requests for so long, and service is worth a look."""
OBSERVED = SUSTAINED + timedelta(seconds=0.5)
"""For how long service is seen to stay: what comes back for good, and a moment more in which it may fail again."""


def recover(scene: Scene, operator: Operator) -> Recovery:
    """Let the operator bring service back; a failure is noted, and judged later."""
    scene.enter(Phase.RECOVERING)
    scene.note(RecoveryStarted(scene.operator, type(scene.spec.procedure).__name__))
    recovery = Recovery(
        aws=scene.aws(Actor.AUTOMATION),
        estate=scene.estate,
        clock=scene.clock,
        log=scene.note,
        pace=scene.config.pace,
        objectives=scene.objectives,
        safe_moment=scene.safe.wall if scene.safe else None,
    )
    _perform(scene, operator, recovery, [s for s in scene.spec.procedure.steps() if s.part is not Part.VERIFY])
    return recovery


def _look_on(scene: Scene, step: str) -> None:
    """After each step: what is configured, where a rollback is promised, and what a witness has to say."""
    if Promise.ROLLBACK in scene.spec.promises:
        scene.note(configuration(scene.aws(), scene.estate, f"after “{step}”"))
    if scene.watching is not None:
        for seen in scene.watching.after_step(step):
            scene.note(seen)


def look_again(scene: Scene) -> None:
    """What a witness sees when the procedure has ended."""
    if scene.watching is not None:
        for seen in scene.watching.at_the_end():
            scene.note(seen)


def verify(scene: Scene, operator: Operator, recovery: Recovery) -> None:
    """Let the operator do the steps that service need not wait for, such as seeing the new standby arrive."""
    steps = [step for step in scene.spec.procedure.steps() if step.part is Part.VERIFY]
    if steps and scene.recovery_ok:
        _perform(scene, operator, recovery, steps)


def _perform(scene: Scene, operator: Operator, recovery: Recovery, steps: Sequence[Step]) -> None:
    """Let the operator perform steps; the drill looks on after each of them, whoever the operator is."""

    def told(fact: StepStarted | StepEnded) -> None:
        scene.note(fact)
        if isinstance(fact, StepEnded) and fact.ok:
            _look_on(scene, fact.name)

    try:
        operator.perform(steps, recovery, told)
    except ProcedureFailed as failure:
        scene.recovery_ok = False
        scene.note(RecoveryEnded(ok=False, error=failure.message))
    else:
        scene.note(RecoveryEnded(ok=True))


def wait_for_service(scene: Scene) -> bool:
    """Wait until every client that decides is served, or until no rehearsal would still count; whether they are."""
    scene.enter(Phase.RESTORING)
    left = scene.spec.rehearsal_rto + PATIENCE - span(_since(scene), scene.clock.now())
    return _served(scene, ANSWERING, max(left, OBSERVED))


def see_it_stay(scene: Scene) -> None:
    """Wait until every client that decides was served for OBSERVED on end, and no longer than twice that."""
    _served(scene, OBSERVED, 2 * OBSERVED)


def _served(scene: Scene, lasting: timedelta, within: timedelta) -> bool:
    since = _since(scene)
    what = f"service good for {lasting.total_seconds():g} s"
    try:
        until(what, lambda: scene.clients().sustained(since, lasting), within=within, clock=scene.clock)
    except NeverHappened:
        return False  # the ledger says so too, and the judge reads the ledger
    return True


def _since(scene: Scene) -> Instant:
    return scene.struck if scene.struck is not None else scene.clock.now()


def validate(scene: Scene, stake: Stake) -> None:
    """The runbook's validation steps, and which instance answers under each name."""
    directory, login = scene.environment.directory, scene.environment.login()
    host, port = stake.database_at(scene)
    scene.note(database.select_one(directory, host, port, login, Stage.VALIDATION))
    scene.note(application.health(directory, scene.estate, Stage.VALIDATION))
    if scene.baseline is not None:
        scene.note(_sound_again(scene, scene.baseline))
    stake.validate(scene)


def _sound_again(scene: Scene, baseline: DataChecked) -> Probed:
    """Whether the data can be read and is what it was, also by amcheck."""
    host, port = scene.database_name
    seen = data.try_check(scene.sight, host, port)
    what = f"errors, amcheck and digests at {host}"
    if seen is None:
        return Probed(Stage.VALIDATION, what, ok=False, detail="nobody answers")
    scene.note(seen)
    said = (*seen.errors, *seen.damaged, *(f"{table} is not what it was" for table in data.wrong(seen, baseline)))
    return Probed(Stage.VALIDATION, what, ok=data.is_sound(seen, baseline), detail="; ".join(said))


def settle(scene: Scene, stake: Stake) -> None:
    """Stop the clients and read back all that they wrote. Last of all the service is looked at as a user would.

    Once its clients are gone nobody else would notice that what came back did not stay.
    """
    scene.enter(Phase.SETTLING)
    scene.clients().stop()
    _read_all_back(scene, stake)
    scene.note(application.health(scene.environment.directory, scene.estate, Stage.SETTLED))


def _read_all_back(scene: Scene, stake: Stake) -> None:
    """From the database that survived; nothing where none did."""
    directory, login = scene.environment.directory, scene.environment.login()
    survivor = _survivor(scene, stake)
    if survivor is None:
        return
    host, port = survivor
    _note_backups(scene)
    stake.settle(scene, host, port)
    try:
        scene.note(database.integrity(directory, host, port, login, Stage.SETTLED))
    except psycopg.errors.DataCorrupted as error:
        scene.note(Probed(Stage.SETTLED, INTEGRITY, ok=False, detail=str(error).splitlines()[0]))
        return
    scene.note(read_back(directory, host, port, login, scene.folder))


def _note_backups(scene: Scene) -> None:
    """Where something is restored, of which moments the backups of the struck one are."""
    struck, places = scene.estate.placed(scene.spec.strikes), map(scene.estate.placed, scene.spec.recovers_to)
    if isinstance(struck, Database) and any(isinstance(place, Database) and not place.raised for place in places):
        for backup in backups_of(scene.aws(), struck):
            scene.note(backup)


def _survivor(scene: Scene, stake: Stake) -> tuple[str, int] | None:
    """Where it is looked for; where nobody is there, the instance to recover to; None where that is dead, too."""
    directory, login = scene.environment.directory, scene.environment.login()
    place = stake.database_at(scene)
    if database.select_one(directory, *place, login, Stage.SETTLED).ok:
        return place
    meant = stake.refuge(scene)
    if meant is None:
        return None
    look = database.select_one(directory, *meant, login, Stage.SETTLED)
    if look.ok:
        return meant
    scene.note(look)
    return None
