"""A drill that was interrupted is in doubt about all it did not measure, and fails for nothing that it did not see.

The good record is cut off after each of its facts in turn, as an interruption at that moment would leave it.
"""

from __future__ import annotations

import dataclasses

import pytest

from harness.clock import Instant
from harness.facts import ConfigurationSeen, Problem, SwitchFailed, TornDown
from harness.objectives import Outcome
from harness.record import DataGap, Outage, Record, Stamped
from harness.verdict import judge
from harness.verdict.procedure import judge_rollback
from tests.unit.verdict.good import ACTIVITY, GAP, OUTAGE, call, facts, record

ENDED = Problem("drill", "it ended before the recovery was over")
UNMEASURED = dataclasses.replace(GAP, measured=False)
NEVER_BACK = dataclasses.replace(OUTAGE, back_low=None, back_high=None)


def cut(after: int, outage: Outage, gap: DataGap) -> Record:
    whole = record().facts
    end = whole[-1].at
    interrupted = (Stamped(end, Problem("recover", "interrupted by the user")), Stamped(end, ENDED))
    torn_down = Stamped(Instant(end + 1), TornDown(()))
    return Record((*whole[:after], *interrupted, torn_down), (outage,), gap, (ACTIVITY,))


@pytest.mark.parametrize("after", range(1, len(facts()) + 1))
def test_an_interruption_fails_nothing(after: int) -> None:
    verdict = judge(cut(after, NEVER_BACK, UNMEASURED))
    failed = [finding for finding in verdict.findings if finding.outcome is Outcome.FAIL]
    assert verdict.outcome is Outcome.INCONCLUSIVE, failed
    for name in ("harness", "RTO", "RPO", "ledger", "stability"):
        assert verdict.of(name) is Outcome.INCONCLUSIVE, verdict.finding(name)


def test_service_that_never_came_back_fails_a_drill_that_waited_for_it() -> None:
    assert judge(record(outage=NEVER_BACK)).of("RTO") is Outcome.FAIL


@pytest.mark.parametrize(("end", "outcome"), [([ENDED], Outcome.INCONCLUSIVE), ([], Outcome.FAIL)])
def test_a_rollback_that_was_interrupted_has_not_failed(end: list[object], outcome: Outcome) -> None:
    """Half-way back is where every rollback is for a moment."""
    half_way = ConfigurationSeen("after a step", {"setting": "new"})
    refused = dataclasses.replace(
        call("PromoteReadReplica", 0, resources=("db",)), error="InvalidDBInstanceState", started=0
    )
    told = [ConfigurationSeen("before", {"setting": "old"}), refused, SwitchFailed("db", "full"), half_way, *end]
    facts_ = tuple(Stamped(Instant(at), fact) for at, fact in enumerate(told))
    assert judge_rollback(Record(facts_)).outcome is outcome
