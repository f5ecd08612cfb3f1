"""A recovery tells its steps and that a switch failed; what came of it is for the drill to see."""

from __future__ import annotations

from typing import Any, cast

import pytest

from harness.clock import SystemClock
from harness.errors import ProcedureFailed
from harness.facts import FencingProbed, Part, ServedBy, StepEnded, StepStarted, SwitchFailed
from harness.recovery.procedure import Recovery


def recovery(told: list[object]) -> Recovery:
    return Recovery(cast(Any, None), cast(Any, None), SystemClock(), told.append, 0.01, cast(Any, None))


@pytest.mark.parametrize(
    "fact", [StepStarted("promote", Part.EXECUTE), StepEnded("promote", ok=True), SwitchFailed("db", "full")]
)
def test_the_facts_of_a_recovery_are_put_on_file(fact: Any) -> None:
    told: list[object] = []
    recovery(told).note(fact)
    assert told == [fact]


@pytest.mark.parametrize(
    "fact",
    [
        FencingProbed("db", returned=True, attempts=9, acknowledged=0),
        ServedBy("db.labelmintit.com", "db", "read-replica", writable=True),
        type("ServedBy", (StepEnded,), {})("forged", ok=True),
    ],
)
def test_nobody_testifies_for_himself(fact: Any) -> None:
    """Neither a fact that only the drill may see, nor one of another name that inherits from a step's."""
    told: list[object] = []
    with pytest.raises(ProcedureFailed, match="is for the drill to see"):
        recovery(told).note(fact)
    assert told == []
