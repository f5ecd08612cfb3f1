"""A ledger proves something where it is whole: no number missing, no due time passed over, up to the very end."""

from __future__ import annotations

import dataclasses

import pytest

from harness.clock import Instant
from harness.facts import HostStarved, Phase, PhaseEntered
from harness.objectives import Outcome
from harness.record import Record, Stamped
from harness.verdict.proof import judge_workload
from tests.unit.verdict.good import ACTIVITY, SECOND, STRUCK, record

END = STRUCK + 7 * SECOND
"""When the good record's client has ended."""


def ending(silence: float, *facts: object, asked: float = 0.0) -> Record:
    """The last request is `silence` before the client was asked to end, which was `asked` before its end."""
    settling = Instant(END - round(asked * SECOND))
    activity = dataclasses.replace(ACTIVITY, last=settling - round(silence * SECOND))
    seen = record(activity=activity)
    told = [Stamped(settling, PhaseEntered(Phase.SETTLING)), *(Stamped(settling, fact) for fact in facts)]
    return dataclasses.replace(seen, facts=(*told, *seen.facts))


@pytest.mark.parametrize("change", [{"missing": 1}, {"off_schedule": 1}])
def test_a_ledger_with_a_hole_proves_nothing(change: dict[str, int]) -> None:
    """Nobody knows what became of a write that has no row: it may be the one that was lost."""
    assert judge_workload(record()).outcome is Outcome.PASS
    assert judge_workload(record(activity=dataclasses.replace(ACTIVITY, **change))).outcome is Outcome.INCONCLUSIVE  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("silence", "asked", "outcome"),
    [
        (0.02, 0, Outcome.PASS),
        (1.1, 1.2, Outcome.PASS),
        (1.6, 0, Outcome.INCONCLUSIVE),
        (3.8, 0.3, Outcome.INCONCLUSIVE),
        (0.02, 3, Outcome.PASS),
        (0.02, 4.5, Outcome.INCONCLUSIVE),
    ],
    ids=["to the end", "hung at the end", "silent", "long silent", "slow to end", "far too slow to end"],
)
def test_a_client_sends_until_it_is_asked_to_end(silence: float, asked: float, outcome: Outcome) -> None:
    assert judge_workload(ending(silence, asked=asked)).outcome is outcome


def test_a_host_that_stood_still_may_have_kept_a_client_from_sending() -> None:
    """For a while; a client that sent nothing for longer than that has stalled."""
    meanwhile = HostStarved(END - 2 * SECOND, END - SECOND)
    before = HostStarved(END - 9 * SECOND, END - 8 * SECOND)
    assert judge_workload(ending(3, meanwhile)).outcome is Outcome.PASS
    assert judge_workload(ending(3, before)).outcome is Outcome.INCONCLUSIVE
    assert judge_workload(ending(4.1, meanwhile)).outcome is Outcome.INCONCLUSIVE
