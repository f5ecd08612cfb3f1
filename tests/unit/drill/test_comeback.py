"""The drill looks on for itself while somebody recovers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from types import SimpleNamespace
from typing import cast

import pytest

from harness.clock import FakeClock
from harness.drill import comeback, stake
from harness.drill.scene import Scene
from harness.drill.stake import Stake
from harness.errors import ProcedureFailed
from harness.facts import Part, Phase, Probed, RecoveryEnded, ServedBy, Stage, StepEnded, StepStarted
from harness.objectives import Objectives
from harness.probes import application
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


@pytest.mark.parametrize("answers", [True, False])
def test_the_service_is_looked_at_once_more_when_everything_else_is_over(
    answers: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What breaks when the clients have gone, nobody else sees; it is looked at even where no database survived."""
    noted: list[object] = []

    def health(directory: object, estate: object, stage: Stage) -> Probed:
        return Probed(stage, "/health", ok=answers)

    def survivor(scene: object, stake: object) -> None:
        noted.append("nobody survived")

    monkeypatch.setattr(application, "health", health)
    monkeypatch.setattr(comeback, "_survivor", survivor)
    scene = SimpleNamespace(
        enter=noted.append,
        note=noted.append,
        environment=SimpleNamespace(directory=None, login=lambda: None),
        estate=None,
        clients=lambda: SimpleNamespace(stop=lambda: noted.append("stopped")),
    )

    comeback.settle(cast(Scene, scene), cast(Stake, None))

    assert noted == [Phase.SETTLING, "stopped", "nobody survived", Probed(Stage.SETTLED, "/health", ok=answers)]


def test_the_database_behind_the_application_is_asked_for_once_more(monkeypatch: pytest.MonkeyPatch) -> None:
    noted: list[object] = []
    behind = ServedBy("app", "db", "read-replica", writable=True)
    monkeypatch.setattr(application, "database_behind", lambda *_: behind)
    scene = SimpleNamespace(
        note=noted.append,
        note_protection=lambda stage, role: noted.append((stage, role)),
        environment=SimpleNamespace(directory=None),
        aws=lambda: None,
        estate=None,
        spec=SimpleNamespace(recovers_to=("read-replica",)),
    )

    stake.DatabaseAtStake().after(cast(Scene, scene))

    assert noted == [behind, (Stage.SETTLED, "read-replica")]
