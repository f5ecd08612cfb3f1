"""A drill that no client should notice is judged by its witness, and by clients that were served all the time."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

import pytest

from harness.clock import Instant
from harness.facts import AtStake, DrillStarted, ExposureSeen, FaultBitten, FaultStruck, HostStarved, Probed, Stage
from harness.objectives import Fidelity, Objectives, Outcome
from harness.record import DataGap, Outage, Record, Stamped
from harness.verdict import judge
from harness.verdict.model import RpoReport
from harness.verdict.watched import judge_blow, judge_checks, judge_exposure, judge_undisturbed

STARTED = DrillStarted(
    run="r", day="2026-03-01", drill="d", title="t", runbook="b", severity="sev-3", tags=(), environment="embedded",
    fidelity=Fidelity.REAL, operator="automation", pace=0.005,
    objectives=Objectives(timedelta(hours=4), timedelta(hours=1)), rehearsal_rto=timedelta(seconds=20),
    rehearsal_rpo=timedelta(seconds=1), decision_time=timedelta(0), fault="", procedure="P", planned_steps=("s",),
    recovers_to=("primary-database",), names=(), signals=(), checks=("one", "two"),
)  # fmt: skip


def seen(name: str, *, ok: bool = True, stage: Stage = Stage.VALIDATION) -> Probed:
    return Probed(stage, name, ok=ok, detail="as seen")


def record(*facts: object, outages: tuple[Outage, ...] = (), gap: DataGap = DataGap(measured=False)) -> Record:  # noqa: B008
    return Record(tuple(Stamped(Instant(at), fact) for at, fact in enumerate((STARTED, *facts))), outages, gap)


@pytest.mark.parametrize(
    ("facts", "outcome"),
    [
        ((seen("one"), seen("two")), Outcome.PASS),
        ((seen("one"), seen("two", ok=False)), Outcome.FAIL),
        ((seen("two", ok=False),), Outcome.FAIL),
        ((seen("one"),), Outcome.INCONCLUSIVE),
        ((), Outcome.INCONCLUSIVE),
        ((seen("one"), seen("two", stage=Stage.BASELINE)), Outcome.INCONCLUSIVE),
        ((seen("one"), seen("two", ok=False), seen("two")), Outcome.FAIL),
        ((seen("one"), seen("two"), seen("two")), Outcome.PASS),
    ],
)
def test_all_that_was_to_be_looked_at_must_be_good(facts: tuple[object, ...], outcome: Outcome) -> None:
    """Nobody restores until it is good: one bad look is final, and one that was never taken proves nothing."""
    assert judge_checks(record(*facts), STARTED).outcome is outcome


SERVED = Outage("visitor", probes=500, bad=0, decides=True)


def test_clients_must_have_been_served_all_the_time() -> None:
    hurt = dataclasses.replace(SERVED, bad=3)
    starved = record(HostStarved(1, 2), outages=(hurt,))
    assert judge_undisturbed(starved).outcome is Outcome.INCONCLUSIVE
    assert judge_undisturbed(record(outages=(SERVED,))).outcome is Outcome.PASS
    assert judge_undisturbed(record(outages=(SERVED, hurt))).outcome is Outcome.FAIL
    assert judge_undisturbed(record(outages=(dataclasses.replace(SERVED, probes=0),))).outcome is Outcome.INCONCLUSIVE
    assert judge_undisturbed(record()).outcome is Outcome.INCONCLUSIVE
    lost = DataGap(measured=True, acknowledged=10, kept=9, lost=1)
    assert judge_undisturbed(record(outages=(SERVED,), gap=lost)).outcome is Outcome.FAIL


def test_a_cache_that_is_copied_may_lose_nothing() -> None:
    """Its ledger is compared like the database's: a loss is a disturbance, and one never compared proves nothing."""
    kept = DataGap(measured=True, acknowledged=10, kept=10)
    lost = dataclasses.replace(kept, kept=9, lost=1)
    about = dataclasses.replace(STARTED, at_stake=AtStake.CACHE)
    for gap, ledger, undisturbed in (
        (kept, Outcome.PASS, Outcome.PASS),
        (lost, Outcome.PASS, Outcome.FAIL),
        (dataclasses.replace(kept, corrupted=1), Outcome.FAIL, Outcome.PASS),
        (DataGap(measured=False), Outcome.INCONCLUSIVE, Outcome.PASS),
    ):
        told = record(seen("one"), seen("two"), outages=(SERVED,), gap=kept)
        told = dataclasses.replace(told, cache_gap=gap, facts=(Stamped(Instant(0), about), *told.facts[1:]))
        verdict = judge(told)
        assert (verdict.of("cache ledger"), verdict.of("undisturbed")) == (ledger, undisturbed)
    assert judge(record(seen("one"))).finding("cache ledger") is None


def test_a_client_that_decides_nothing_must_have_been_served_too() -> None:
    """Where a cache has clients of its own, visitors and writers decide nothing; the drill may not hurt them either."""
    visitor = dataclasses.replace(SERVED, bad=3, decides=False)
    found = judge_undisturbed(record(outages=(dataclasses.replace(SERVED, client="reader"), visitor)))
    assert (found.outcome, found.detail) == (Outcome.FAIL, "visitor was refused 3 of 500 times")


def test_the_service_must_answer_when_the_clients_have_gone() -> None:
    gone = judge_undisturbed(record(seen("/health", ok=False, stage=Stage.SETTLED), outages=(SERVED,)))
    assert (gone.outcome, gone.detail) == (Outcome.FAIL, "at the end: /health: as seen")
    there = record(seen("/health", stage=Stage.SETTLED), outages=(SERVED,))
    assert judge_undisturbed(there).outcome is Outcome.PASS


EMULATED = dataclasses.replace(STARTED, fidelity=Fidelity.EMULATED)
KEPT = RpoReport(0, 0, 10, 0, 60, 3600, 1)


def test_emulated_servers_prove_nothing() -> None:
    """What is good at an emulated server says nothing of a real one; what is bad there is bad."""
    looks = record(seen("one"), seen("two"))
    assert judge_checks(looks, EMULATED).outcome is Outcome.INCONCLUSIVE
    assert judge_checks(record(seen("one", ok=False), seen("two")), EMULATED).outcome is Outcome.FAIL
    exposed = record(ExposureSeen("plan", timedelta(minutes=1), role="primary-database"))
    assert judge_exposure(exposed, KEPT, STARTED).outcome is Outcome.PASS
    assert judge_exposure(exposed, KEPT, EMULATED).outcome is Outcome.INCONCLUSIVE


@pytest.mark.parametrize("role", ["", "uploads"])
def test_the_exposure_of_every_place_that_is_recovered_to_must_be_known(role: str) -> None:
    other = ExposureSeen("plan", timedelta(minutes=1), role=role)
    found = judge_exposure(record(other), KEPT, STARTED)
    assert found.outcome is Outcome.INCONCLUSIVE
    assert found.detail.endswith("exposure unknown of primary-database")
    worse = dataclasses.replace(other, exposure=timedelta(days=1))
    assert judge_exposure(record(worse), KEPT, STARTED).outcome is Outcome.FAIL


def test_a_fault_that_only_its_witness_can_see_must_be_seen_by_it() -> None:
    struck = dataclasses.replace(STARTED, fault="SpoilObjects")
    blow = FaultStruck("SpoilObjects", "uploads")
    bitten = FaultBitten("machine", bitten=True)
    assert judge_blow(record(blow, bitten), struck).outcome is Outcome.PASS
    assert judge_blow(record(blow), struck).outcome is Outcome.INCONCLUSIVE
    assert judge_blow(record(bitten), struck).outcome is Outcome.INCONCLUSIVE
    unseen = FaultBitten("clients", bitten=False)
    assert judge_blow(record(blow, bitten, unseen), struck).outcome is Outcome.INCONCLUSIVE


def test_such_a_drill_has_no_recovery_time() -> None:
    """Its verdict names neither a fault nor an RTO, and is in doubt while nothing was looked at."""
    verdict = judge(record())
    assert verdict.rto is None
    assert {"RTO", "fault", "detection", "successor"}.isdisjoint(finding.name for finding in verdict.findings)
    assert verdict.outcome is Outcome.INCONCLUSIVE
