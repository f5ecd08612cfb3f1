"""The drill looks on for itself while somebody recovers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from types import SimpleNamespace
from typing import cast

from harness.clock import FakeClock
from harness.drill import comeback
from harness.drill.scene import Scene
from harness.errors import ProcedureFailed
from harness.facts import Part, Probed, RecoveryEnded, Stage, StepEnded, StepStarted
from harness.objectives import Objectives
from harness.recovery.procedure import Recovery, Step, Tell


class Curt:
    """An operator who tells the steps, as every operator must, and calls nobody besides; the last step fails."""

    def perform(self, steps: Sequence[Step], recovery: Recovery, tell: Tell) -> None:
        for step in steps:
            tell(StepStarted(step.name, step.part))
            tell(StepEnded(step.name, ok=step is not steps[-1]))
        raise ProcedureFailed("the last step failed")


def _witness(step: str) -> Iterator[Probed]:
    yield Probed(Stage.VALIDATION, f"after {step}", ok=True)


def test_a_witness_is_asked_after_each_step_that_was_done_whoever_performs_it() -> None:
    steps = [Step(name, Part.EXECUTE, "", lambda _: None) for name in ("first", "second", "third")]
    noted: list[object] = []
    scene = SimpleNamespace(
        enter=noted.append,
        note=noted.append,
        aws=lambda _: None,
        estate=None,
        clock=FakeClock(),
        config=SimpleNamespace(pace=0.0),
        objectives=Objectives(timedelta(hours=4), timedelta(hours=1)),
        operator="curt",
        safe=None,
        recovery_ok=True,
        watching=SimpleNamespace(after_step=_witness),
        spec=SimpleNamespace(procedure=SimpleNamespace(steps=lambda: steps), promises=()),
    )

    comeback.recover(cast(Scene, scene), Curt())

    seen = [fact.probe if isinstance(fact, Probed) else type(fact) for fact in noted[2:]]
    done = [[StepStarted, StepEnded, f"after {name}"] for name in ("first", "second")]
    assert seen == [*done[0], *done[1], StepStarted, StepEnded, RecoveryEnded]
