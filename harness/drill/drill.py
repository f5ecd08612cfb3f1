"""The one orchestrator. It reads like the drill: prepare, strike, recover, judge, and close whatever happened."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from harness.clock import Clock, SystemClock
from harness.config import Config
from harness.drill import comeback, disaster, steady
from harness.drill.progress import Progress, State
from harness.drill.stage import Scene
from harness.drill.stakes import stake_of
from harness.environments.environment import Environment
from harness.errors import DrillError
from harness.estate import Estate
from harness.events import EventLog, read_events
from harness.evidence import salvage, seal
from harness.facts import DrillStarted, Phase, Problem, TornDown
from harness.guard import Guard
from harness.journal import Journal
from harness.machines.room import RoomWatch
from harness.measure import measure
from harness.objectives import Objectives
from harness.operators.operator import Operator
from harness.record import Record, facts_of
from harness.spec import DrillSpec
from harness.verdict import Verdict, judge

EnvironmentFactory = Callable[[Estate, Config, EventLog, str], Environment]


class Drill:
    """One rehearsed disaster. Make it, take it through its steps in order, and close it always."""

    def __init__(
        self,
        spec: DrillSpec,
        *,
        estate: Estate,
        environment: EnvironmentFactory,
        operator: Operator,
        objectives: Objectives,
        config: Config,
        folder: Path,
        run: str,
        clock: Clock | None = None,
    ) -> None:
        folder.mkdir(parents=True)
        clock = clock or SystemClock()
        (folder / "estate.json").write_text(estate.model_dump_json(indent=1))
        (folder / "config.json").write_text(config.model_dump_json(indent=1))
        log = EventLog(folder / "events.jsonl", clock)
        place = environment(estate, config, log, run)
        name = type(operator).__name__.lower()
        guard, journal = Guard(estate), Journal(log)
        self._scene = Scene(spec, estate, place, objectives, config, name, folder, log, clock, guard, journal)
        self._stake = stake_of(spec, estate)
        self._operator = operator
        self._room = RoomWatch(log.write, work=config.work_dir, evidence=folder)
        self._progress = Progress(strikes=spec.fault is not None)
        self._judged: tuple[Record, Verdict] | None = None
        self._run = run

    @property
    def folder(self) -> Path:
        """Where the evidence is."""
        return self._scene.folder

    @property
    def spec(self) -> DrillSpec:
        return self._scene.spec

    def prepare(self) -> None:
        """Raise the estate, let clients use it, count what is there."""
        with self._step("prepare", State.STEADY):
            self._scene.note(self._terms())
            self._room.start()
            steady.raise_estate(self._scene)
            steady.reach_steady_state(self._scene, self._stake)

    def strike(self) -> None:
        """Break it, and wait until somebody would have been called."""
        with self._step("strike", State.STRUCK):
            disaster.weaken(self._scene)
            disaster.begin_to_watch(self._scene)
            disaster.strike(self._scene)
            if self._scene.spec.witness is None:  # what no client notices raises no alarm of theirs
                disaster.detect(self._scene)

    def recover(self) -> None:
        """Perform the recovery and see what it brought back."""
        if self._scene.spec.witness is not None:
            self._recover_watched()
            return
        with self._step("recover", State.RECOVERED):
            recovery = comeback.recover(self._scene, self._operator)
            disaster.check_it_lasted(self._scene)
            answering = comeback.wait_for_service(self._scene)
            comeback.validate(self._scene, self._stake)
            comeback.bring_back_the_lost(self._scene)
            disaster.check_weaknesses(self._scene)
            comeback.verify(self._scene, self._operator, recovery)
            if answering:
                comeback.see_it_stay(self._scene)
            comeback.settle(self._scene, self._stake)
            self._stake.after(self._scene)

    def _recover_watched(self) -> None:
        """The same where no client notices anything: the drill's own witness tells what came of it."""
        with self._step("recover", State.RECOVERED):
            if self._scene.spec.fault is None:
                disaster.weaken(self._scene)
                disaster.begin_to_watch(self._scene)
            comeback.recover(self._scene, self._operator)
            comeback.look_again(self._scene)
            disaster.check_weaknesses(self._scene)
            comeback.settle(self._scene, self._stake)

    def judge(self) -> Verdict:
        """The verdict on all that was seen so far, computed once. Raises UsageError before the recovery."""
        self._progress.check(State.JUDGED)
        if self._judged is None:
            self._scene.enter(Phase.JUDGING)
            record = self._record()
            self._judged = record, judge(record)
            self._progress.reached(State.JUDGED)
        return self._judged[1]

    def close(self) -> Verdict:
        """Heal, take the estate down, judge with the teardown, seal the evidence. Safe to call again."""
        scene, state = self._scene, self._progress.state
        if state is State.CLOSED:
            return self._judged[1] if self._judged else judge(self._record())
        self._progress.reached(State.CLOSED)
        with self._problems_noted("closing"):
            self._room.stop()
            if state not in {State.RECOVERED, State.JUDGED}:
                scene.note(Problem("drill", f"it ended while it was {state}"))
            scene.enter(Phase.TEARING_DOWN)
        self._stop_clients()
        self._heal()
        self._keep_logs()
        self._tear_down()
        scene.log.close()
        record, verdict = self._judged = self._final()
        seal(
            scene.folder,
            record,
            verdict,
            config=scene.config.model_dump(mode="json"),
            logs=(),
            secrets=scene.environment.secrets(),
        )
        return verdict

    def _stop_clients(self) -> None:
        if self._scene.crew is not None:
            with self._problems_noted("stopping the clients"):
                self._scene.crew.stop()

    def _heal(self) -> None:
        """Undo our sabotage; an estate that is about to vanish could do without, a staging one could not."""
        for strike, target in reversed(self._scene.injected):
            with self._problems_noted(f"healing {type(strike.fault).__name__}"):
                strike.fault.heal(target)

    def _keep_logs(self) -> None:
        kept = self._scene.folder / "logs"
        with self._problems_noted("keeping the logs"):
            kept.mkdir(exist_ok=True)
            for log in self._scene.environment.logs():
                shutil.copyfile(log, kept / log.name)

    def _tear_down(self) -> None:
        left: tuple[str, ...] = ("the whole environment",)
        with self._problems_noted("tearing down"):
            left = self._scene.environment.down()
        with self._problems_noted("noting the teardown"):
            self._scene.note(TornDown(left))

    def _record(self) -> Record:
        """The record so far. Raises DrillError when it cannot be measured."""
        return measure(self._scene.folder, facts_of(read_events(self._scene.log.path)))

    def _final(self) -> tuple[Record, Verdict]:
        """What will be sealed. Whatever is wrong with the measurements must not cost us the rest of the evidence."""
        try:
            record = self._record()
            return record, judge(record)
        except Exception as error:
            return salvage(self._scene.folder, f"it could not be measured: {type(error).__name__}: {error}")

    def _step(self, name: str, state: State) -> _Step:
        self._progress.check(state)
        return _Step(self._scene, self._progress, name, state)

    def _problems_noted(self, where: str) -> _Noted:
        return _Noted(self._scene, where)

    def _terms(self) -> DrillStarted:
        spec, scene = self._scene.spec, self._scene
        gap = spec.known_gap
        return DrillStarted(
            run=self._run,
            day=scene.clock.wall().date().isoformat(),
            drill=spec.name,
            title=spec.title,
            runbook=spec.runbook,
            severity=spec.severity,
            tags=spec.tags,
            environment=scene.environment.name,
            fidelity=scene.environment.fidelity,
            operator=scene.operator,
            pace=scene.config.pace,
            objectives=scene.objectives,
            rehearsal_rto=spec.rehearsal_rto,
            rehearsal_rpo=spec.rehearsal_rpo,
            decision_time=spec.decision_time,
            fault=type(spec.fault).__name__ if spec.fault is not None else "",
            procedure=type(spec.procedure).__name__,
            planned_steps=tuple(step.name for step in spec.procedure.steps()),
            recovers_to=tuple(role.value for role in spec.recovers_to),
            names=self._stake.names(scene.estate),
            at_stake=self._stake.kind,
            signals=tuple(name for signal in spec.signals for name in signal.names(scene.estate)),
            fault_lasts=spec.fault_lasts,
            promises=spec.promises,
            checks=spec.witness.checks(scene.estate) if spec.witness is not None else (),
            silent=spec.silent,
            known_gap=gap.finding if gap else "",
            known_gap_review=gap.review.isoformat() if gap else "",
        )


class _Step:
    """A step of the drill: what goes wrong in it is a problem on file, then the caller's."""

    def __init__(self, scene: Scene, progress: Progress, name: str, state: State) -> None:
        self._scene, self._progress, self._name, self._state = scene, progress, name, state

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: object) -> None:
        if error is None:
            self._progress.reached(self._state)
        else:
            code = error.exit_code if isinstance(error, DrillError) else DrillError.exit_code
            with suppress(OSError):  # a full disk: what went wrong first is what the caller must hear
                self._scene.note(Problem(self._name, _in_words(error), code))


def _in_words(error: BaseException) -> str:
    if isinstance(error, KeyboardInterrupt):
        return "interrupted by the user"
    return error.message if isinstance(error, DrillError) else f"{type(error).__name__}: {error}"


class _Noted:
    """What goes wrong while cleaning up is a problem on file, and cleaning up goes on."""

    def __init__(self, scene: Scene, where: str) -> None:
        self._scene, self._where = scene, where

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: object) -> bool:
        if isinstance(error, Exception):
            with suppress(OSError):
                self._scene.note(Problem(self._where, f"{type(error).__name__}: {error}"))
            return True
        return False
