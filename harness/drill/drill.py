"""The one orchestrator. It reads like the drill: prepare, strike, recover, judge, and close whatever happened."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from harness.clock import Clock, SystemClock
from harness.config import Config
from harness.drill import comeback, disaster, returning, steady
from harness.drill.lifecycle import Lifecycle, State
from harness.drill.problems import told, told_and_passed_over
from harness.drill.scene import Scene
from harness.drill.stakes import stake_of
from harness.drill.terms import terms_of
from harness.environments.environment import Environment
from harness.estate import Estate
from harness.events import EventLog, read_events
from harness.evidence import salvage, seal
from harness.facts import WHOLE_DRILL, Phase, Problem, TornDown
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
        self.scene = Scene(spec, estate, place, objectives, config, name, folder, log, clock, guard, journal)
        self._stake = stake_of(spec, estate)
        self._operator = operator
        self._room = RoomWatch(log.write, work=config.work_dir, evidence=folder)
        self._progress = Lifecycle(strikes=spec.fault is not None)
        self._judged: tuple[Record, Verdict] | None = None
        self._run = run

    @property
    def folder(self) -> Path:
        """Where the evidence is."""
        return self.scene.folder

    @property
    def spec(self) -> DrillSpec:
        return self.scene.spec

    def prepare(self) -> None:
        """Raise the estate, let clients use it, count what is there."""
        with self._step("prepare", State.STEADY):
            self.scene.note(terms_of(self.scene, self._stake, self._run))
            self._room.start()
            steady.raise_estate(self.scene)
            steady.reach_steady_state(self.scene, self._stake)

    def strike(self) -> None:
        """Break it, and wait until somebody would have been called."""
        with self._step("strike", State.STRUCK):
            disaster.weaken(self.scene)
            disaster.begin_to_watch(self.scene)
            signals = disaster.awaited(self.scene)
            disaster.strike(self.scene)
            if self.scene.spec.witness is None:  # what no client notices raises no alarm of theirs
                disaster.detect(self.scene, signals)

    def recover(self) -> None:
        """Perform the recovery and see what it brought back."""
        if self.scene.spec.witness is not None:
            self._recover_watched()
            return
        with self._step("recover", State.RECOVERED):
            recovery = comeback.recover(self.scene, self._operator)
            disaster.check_it_lasted(self.scene)
            answering = comeback.wait_for_service(self.scene)
            comeback.validate(self.scene, self._stake)
            returning.bring_back_the_lost(self.scene)
            disaster.check_weaknesses(self.scene)
            comeback.verify(self.scene, self._operator, recovery)
            if answering:
                comeback.see_it_stay(self.scene)
            comeback.settle(self.scene, self._stake)
            self._stake.after(self.scene)

    def _recover_watched(self) -> None:
        """The same where no client notices anything: the drill's own witness tells what came of it."""
        with self._step("recover", State.RECOVERED):
            if self.scene.spec.fault is None:
                disaster.weaken(self.scene)
                disaster.begin_to_watch(self.scene)
            comeback.recover(self.scene, self._operator)
            comeback.look_again(self.scene)
            disaster.check_weaknesses(self.scene)
            comeback.settle(self.scene, self._stake)

    def judge(self) -> Verdict:
        """The verdict on all that was seen so far, computed once. Raises UsageError before the recovery."""
        self._progress.check(State.JUDGED)
        if self._judged is None:
            self.scene.enter(Phase.JUDGING)
            record = self._record()
            self._judged = record, judge(record, standing=True)
            self._progress.reached(State.JUDGED)
        return self._judged[1]

    def close(self) -> Verdict:
        """Heal, take the estate down, judge with the teardown, seal the evidence. Safe to call again."""
        scene, broke_off = self.scene, self._progress.broke_off()
        if self._progress.state is State.CLOSED:
            return self._judged[1] if self._judged else judge(self._record())
        self._progress.reached(State.CLOSED)
        with told_and_passed_over(self.scene, "closing"):
            self._room.stop()
            if broke_off:
                scene.note(Problem(WHOLE_DRILL, f"it ended {broke_off}"))
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
        if self.scene.crew is not None:
            with told_and_passed_over(self.scene, "stopping the clients"):
                self.scene.crew.stop()

    def _heal(self) -> None:
        """Undo our sabotage; an estate that is about to vanish could do without, a staging one could not."""
        for strike, target in reversed(self.scene.injected):
            with told_and_passed_over(self.scene, f"healing {type(strike.fault).__name__}"):
                strike.fault.heal(target)

    def _keep_logs(self) -> None:
        kept = self.scene.folder / "logs"
        with told_and_passed_over(self.scene, "keeping the logs"):
            kept.mkdir(exist_ok=True)
            for log in self.scene.environment.logs():
                shutil.copyfile(log, kept / log.name)

    def _tear_down(self) -> None:
        left: tuple[str, ...] = ("the whole environment",)
        with told_and_passed_over(self.scene, "tearing down"):
            left = self.scene.environment.down()
        with told_and_passed_over(self.scene, "noting the teardown"):
            self.scene.note(TornDown(left))

    def _record(self) -> Record:
        """The record so far. Raises DrillError when it cannot be measured."""
        return measure(self.scene.folder, facts_of(read_events(self.scene.log.path)))

    def _final(self) -> tuple[Record, Verdict]:
        """What will be sealed. Whatever is wrong with the measurements must not cost us the rest of the evidence."""
        try:
            record = self._record()
            return record, judge(record)
        except Exception as error:  # the last boundary: it is told, and the rest of the evidence is sealed
            return salvage(self.scene.folder, f"it could not be measured: {type(error).__name__}: {error}")

    @contextmanager
    def _step(self, name: str, state: State) -> Iterator[None]:
        """A step of the drill: legal now, and where it ends well the drill has come that far."""
        self._progress.check(state)
        with told(self.scene, name):
            yield
        self._progress.reached(state)
