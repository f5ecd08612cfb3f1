"""What is judged where a cache was struck."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

import pytest

from harness.facts import AtStake, CacheSeen, DrillStarted, ExposureSeen, HostStarved, ServedBy, Stage, WarmthSeen
from harness.objectives import Outcome
from harness.record import DataGap, Outage, Record, Stamped
from harness.verdict import Verdict, judge
from tests.unit.verdict.good import GAP, OUTAGE, STRUCK, altered, record

NAME = "cache of labelmintit.com"
LOST = CacheSeen(
    Stage.BASELINE,
    "cache",
    nodes=3,
    node_type="cache.r6g.large",
    engine_version="7.0.7",
    parameter_group="params",
    subnet_group="subnets",
    security_groups=("sg-1",),
    encrypted=True,
    automatic_failover=True,
    multi_az=True,
    snapshot_retention_days=7,
    alarms=("CurrConnections",),
)
STANDBY = dataclasses.replace(LOST, identifier="standby", nodes=2, security_groups=("sg-2",), snapshot_retention_days=0)
RESTORED = dataclasses.replace(LOST, stage=Stage.SETTLED, identifier="restored")
BEFORE = WarmthSeen(Stage.BASELINE, hit_rate=1.0, transactions=100)
AFTER = WarmthSeen(Stage.VALIDATION, hit_rate=0.95, transactions=110, took=timedelta(seconds=2))
VISITOR = Outage("visitor", probes=500, bad=0, decides=False, good_before=200)


def struck(*facts: object, gap: DataGap = GAP, visitor: Outage = VISITOR, written: DataGap | None = None) -> Record:
    """A record of a drill that struck a cache, with these facts at its end."""
    good = record(_of_cache)
    served = ServedBy(NAME, "restored", "restored-cache", writable=True)
    kept = [stamped for stamped in good.facts if not isinstance(stamped.fact, ServedBy)]
    late = [Stamped(dataclasses.replace(good.facts[-1]).at, fact) for fact in (served, *facts)]
    return dataclasses.replace(
        good,
        facts=(*kept, *late),
        outages=(dataclasses.replace(OUTAGE, client="keeper"), visitor),
        gap=written or dataclasses.replace(GAP, lost=0, kept=700),
        cache_gap=gap,
    )


def _of_cache(fact: object) -> object:
    terms = altered(DrillStarted, at_stake=AtStake.CACHE, names=(NAME,), recovers_to=("restored-cache",))
    return altered(ExposureSeen, role="restored-cache")(terms(fact))


def of(name: str, judged: Record) -> tuple[Outcome, str]:
    verdict: Verdict = judge(judged)
    found = verdict.finding(name)
    return verdict.of(name), found.detail if found else ""


def test_a_good_recovery_of_a_cache_passes() -> None:
    verdict = judge(struck(LOST, RESTORED, BEFORE, AFTER))
    assert [f.name for f in verdict.findings if f.outcome is not Outcome.PASS] == []


def test_the_promise_rests_on_what_was_in_the_cache() -> None:
    """The database lost nothing, and that says nothing of the cache."""
    gap = dataclasses.replace(GAP, lost=99, age=timedelta(seconds=30))
    assert of("RPO", struck(gap=gap))[0] is Outcome.FAIL


@pytest.mark.parametrize("field", ["lost_before_point", "lost_amid_kept", "corrupted", "phantom"])
def test_what_no_snapshot_excuses_fails(field: str) -> None:
    outcome, said = of("cache ledger", struck(gap=dataclasses.replace(GAP, **{field: 3})))  # type: ignore[arg-type]
    assert outcome is Outcome.FAIL
    assert said.startswith("3 ")


def test_a_cache_that_was_never_read_back_proves_nothing() -> None:
    assert of("cache ledger", struck(gap=DataGap(measured=False)))[0] is Outcome.INCONCLUSIVE


def test_a_write_into_the_database_that_is_lost_fails() -> None:
    """Nothing happened to it, so nothing excuses the loss."""
    assert of("ledger", struck(written=GAP))[0] is Outcome.FAIL


def test_an_outage_of_the_public_name_fails() -> None:
    felt = dataclasses.replace(VISITOR, bad=9, lost_low=STRUCK, lost_high=STRUCK)
    outcome, said = of("serving", struck(visitor=felt))
    assert (outcome, "visitor: 9 of 500 failed" in said) == (Outcome.FAIL, True)


SHORT = dataclasses.replace(VISITOR, bad=9, lost_low=STRUCK + 1, lost_high=STRUCK + 2, back_low=STRUCK + 8)
BEFORE_IT = dataclasses.replace(SHORT, lost_low=STRUCK - 9, lost_high=STRUCK - 8)


@pytest.mark.parametrize(
    ("visitor", "starved", "outcome"),
    [
        (SHORT, (STRUCK, STRUCK + 9), Outcome.INCONCLUSIVE),
        (SHORT, (STRUCK + 3, STRUCK + 9), Outcome.FAIL),
        (SHORT, (STRUCK, STRUCK + 7), Outcome.FAIL),
        (dataclasses.replace(SHORT, back_low=None), (STRUCK, STRUCK + 9), Outcome.FAIL),
        (dataclasses.replace(SHORT, flaps=2, starved=1), (STRUCK, STRUCK + 9), Outcome.FAIL),
        (dataclasses.replace(VISITOR, bad=1, flaps=1, starved=1), (0, 0), Outcome.INCONCLUSIVE),
        (BEFORE_IT, (0, 0), Outcome.INCONCLUSIVE),
    ],
    ids=["all", "not its begin", "not its end", "for ever", "a flap", "flaps alone", "before the disaster"],
)
def test_an_outage_is_in_doubt_only_while_the_host_stood_still(
    visitor: Outage, starved: tuple[int, int], outcome: Outcome
) -> None:
    assert of("serving", struck(HostStarved(*starved), visitor=visitor))[0] is outcome


def test_service_that_nobody_used_before_proves_nothing() -> None:
    assert of("serving", struck(visitor=dataclasses.replace(VISITOR, good_before=0)))[0] is Outcome.INCONCLUSIVE


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        ({}, Outcome.PASS),
        ({"hit_rate": 0.5}, Outcome.FAIL),
        ({"transactions": 160}, Outcome.FAIL),
        ({"stage": Stage.SETTLED}, Outcome.INCONCLUSIVE),
    ],
)
def test_a_cache_must_be_as_warm_and_the_database_as_calm_as_before(
    changes: dict[str, object], outcome: Outcome
) -> None:
    after = dataclasses.replace(AFTER, **changes)  # type: ignore[arg-type]
    assert of("warmth", struck(BEFORE, after))[0] is outcome


def test_a_cache_that_was_never_warm_proves_nothing() -> None:
    cold = dataclasses.replace(BEFORE, hit_rate=0.2)
    assert of("warmth", struck(cold, AFTER))[0] is Outcome.INCONCLUSIVE


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"nodes": 2}, "2 nodes instead of 3"),
        ({"automatic_failover": False}, "no automatic failover"),
        ({"multi_az": False}, "not in several zones"),
        ({"snapshot_retention_days": 0}, "snapshots for 0 days instead of 7"),
        ({"encrypted": False}, "not encrypted"),
        ({"parameter_group": "default.redis7"}, "parameter group default.redis7 instead of params"),
        ({"security_groups": ()}, "security groups none instead of sg-1"),
        ({"node_type": "cache.t3.micro"}, "node type cache.t3.micro"),
        ({"alarms": ("CPUUtilization",)}, "no alarm watches CurrConnections"),
    ],
)
def test_a_restored_cache_that_is_weaker_fails(changes: dict[str, object], says: str) -> None:
    weaker = dataclasses.replace(RESTORED, **changes)  # type: ignore[arg-type]
    outcome, said = of("protection", struck(LOST, weaker))
    assert (outcome, says in said) == (Outcome.FAIL, True), said


def test_a_standby_keeps_its_own_size_and_gets_the_lost_ones_snapshots() -> None:
    taken_over = dataclasses.replace(STANDBY, stage=Stage.SETTLED, snapshot_retention_days=7)
    assert of("protection", struck(LOST, STANDBY, taken_over))[0] is Outcome.PASS
    without = dataclasses.replace(taken_over, snapshot_retention_days=0)
    assert of("protection", struck(LOST, STANDBY, without))[0] is Outcome.FAIL
    smaller = dataclasses.replace(taken_over, nodes=1)
    assert of("protection", struck(LOST, STANDBY, smaller))[0] is Outcome.FAIL


def test_caches_that_nobody_looked_at_prove_nothing() -> None:
    assert of("protection", struck(LOST))[0] is Outcome.INCONCLUSIVE
