"""A recovery tells that a switch failed, its operator tells the steps; what came of it is for the drill to see."""

from __future__ import annotations

from typing import Any, cast

import pytest

from harness.clock import SystemClock
from harness.errors import ProcedureFailed
from harness.facts import FencingProbed, Part, ServedBy, StepEnded, StepStarted, SwitchFailed
from harness.operators.automation import Automation
from harness.recovery.procedure import Recovery, Step


def recovery(told: list[object]) -> Recovery:
    return Recovery(cast(Any, None), cast(Any, None), SystemClock(), told.append, 0.01, cast(Any, None))


def test_that_a_switch_failed_is_put_on_file() -> None:
    told: list[object] = []
    recovery(told).note(SwitchFailed("db", "full"))
    assert told == [SwitchFailed("db", "full")]


@pytest.mark.parametrize(
    "fact",
    [
        FencingProbed("db", returned=True, attempts=9, acknowledged=0),
        ServedBy("db.labelmintit.com", "db", "read-replica", writable=True),
        StepStarted("verify, so it is said", Part.VERIFY),
        StepEnded("promote", ok=True),
        type("ServedBy", (SwitchFailed,), {})("forged", "no"),
    ],
)
def test_nobody_testifies_for_himself(fact: Any) -> None:
    """Neither a fact that only the drill may see, nor one of another name that inherits from a step's."""
    told: list[object] = []
    mine = recovery(told)
    for way in (mine.note, mine.log):
        with pytest.raises(ProcedureFailed, match="is for the drill to see"):
            way(fact)
    assert told == []


def test_the_operator_tells_the_steps() -> None:
    told: list[object] = []
    step = Step("promote", Part.EXECUTE, "Option A", lambda _: None)
    Automation().perform([step], recovery([]), told.append)
    assert told == [StepStarted("promote", Part.EXECUTE, "Option A"), StepEnded("promote", ok=True)]
