"""Where a service was struck, what it runs in the end, how widely, and who else noticed anything."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

import pytest

from harness.clock import Instant
from harness.facts import CallMade, CapacitySeen, DrillStarted, FaultStruck, ReleaseSeen, Stage, TargetsSeen
from harness.objectives import Outcome
from harness.record import Record, Stamped
from harness.verdict.application import findings, judge_bystanders, judge_followed, judge_release, judge_targets
from harness.verdict.region import judge_capacity
from tests.unit.verdict.good import OUTAGE, SECOND, STARTED, STRUCK, call

GOOD, BAD = "registry/labelmint:1", "registry/labelmint:2"
SIX = {f"127.0.1.{number}": "healthy" for number in range(6)}
WRITERS = dataclasses.replace(OUTAGE, client="writers", decides=False, bad=0, lost_low=None, lost_high=None)


def record(*told: tuple[float, object], outages: tuple[object, ...] = (OUTAGE, WRITERS)) -> Record:
    facts = [
        (-9.0, dataclasses.replace(STARTED, tasks=6)),
        (0.0, FaultStruck("DeployBadRelease", "application")),
        *told,
    ]
    stamped = tuple(Stamped(Instant(round(STRUCK + at * SECOND)), fact) for at, fact in facts)
    return Record(stamped, outages)  # type: ignore[arg-type]


def update(at: float, **params: object) -> tuple[float, CallMade]:
    return at, call("UpdateService", at, params={"cluster": "c", "service": "s", **params})


def describe(at: float, rollout: str = "COMPLETED", service: str = "s") -> tuple[float, CallMade]:
    return at, call("DescribeServices", at, states={service: rollout})


def targets(at: float, states: dict[str, str]) -> tuple[float, CallMade]:
    return at, call("DescribeTargetHealth", at, states=states)


def images(before: tuple[str, ...], after: tuple[str, ...]) -> Record:
    return record((-1.0, ReleaseSeen(Stage.BASELINE, "s", before)), (9.0, ReleaseSeen(Stage.SETTLED, "s", after)))


def widths(desired: int, running: int, healthy: int) -> Record:
    return record(
        (-1.0, CapacitySeen(Stage.BASELINE, "s", "us-east-1", 2, 2, 2)),
        (9.0, CapacitySeen(Stage.SETTLED, "s", "us-east-1", desired, running, healthy)),
    )


@pytest.mark.parametrize(
    ("before", "after", "outcome"),
    [
        ((GOOD,), (GOOD,), Outcome.PASS),
        ((GOOD,), (BAD,), Outcome.FAIL),
        ((GOOD,), (GOOD, BAD), Outcome.FAIL),
        ((GOOD,), (), Outcome.FAIL),
        ((), (GOOD,), Outcome.INCONCLUSIVE),
    ],
)
def test_every_task_runs_what_it_ran_before(before: tuple[str, ...], after: tuple[str, ...], outcome: Outcome) -> None:
    assert judge_release(images(before, after)).outcome is outcome


def test_what_nobody_looked_at_is_not_known() -> None:
    assert judge_release(record()).outcome is Outcome.INCONCLUSIVE
    assert judge_capacity(record(), 6).outcome is Outcome.INCONCLUSIVE
    assert judge_followed(record(), 6).outcome is Outcome.INCONCLUSIVE
    assert judge_bystanders(record(outages=(OUTAGE,))).outcome is Outcome.INCONCLUSIVE


@pytest.mark.parametrize(
    ("seen", "outcome"),
    [
        ((6, 6, 6), Outcome.PASS),
        ((7, 7, 7), Outcome.PASS),
        ((2, 2, 2), Outcome.FAIL),
        ((6, 6, 5), Outcome.FAIL),
        ((6, 5, 6), Outcome.FAIL),
        ((7, 7, 6), Outcome.FAIL),
    ],
)
def test_as_many_tasks_serve_as_were_asked_for(seen: tuple[int, int, int], outcome: Outcome) -> None:
    """As widely as before would not do: the recovery was to scale out."""
    assert judge_capacity(widths(*seen), 6).outcome is outcome


@pytest.mark.parametrize(
    ("told", "outcome"),
    [
        ([update(1), describe(2), targets(2.1, SIX)], Outcome.PASS),
        ([update(1), targets(2.1, SIX), describe(2)], Outcome.PASS),
        ([update(1)], Outcome.FAIL),
        ([update(1), describe(2, "IN_PROGRESS"), targets(2.1, SIX)], Outcome.FAIL),
        ([update(1), describe(2, service="another"), targets(2.1, SIX)], Outcome.FAIL),
        ([update(1), describe(2), targets(2.1, dict(list(SIX.items())[:5]))], Outcome.FAIL),
        ([update(1), describe(2), targets(2.1, SIX | {"127.0.1.0": "initial"})], Outcome.FAIL),
        ([update(1), describe(2), targets(2.1, SIX), update(3)], Outcome.FAIL),
        ([describe(0.5), targets(0.6, SIX), update(1)], Outcome.FAIL),
    ],
)
def test_the_last_change_of_a_service_is_followed_to_its_end(
    told: list[tuple[float, object]], outcome: Outcome
) -> None:
    assert judge_followed(record(*told), 6).outcome is outcome


def test_who_goes_past_the_application_must_notice_nothing() -> None:
    hurt = dataclasses.replace(WRITERS, bad=9, lost_low=STRUCK, lost_high=STRUCK + SECOND)
    flapping = dataclasses.replace(WRITERS, bad=1, flaps=1, worst_flap=timedelta(seconds=0.1))
    assert judge_bystanders(record()).outcome is Outcome.PASS
    assert judge_bystanders(record(outages=(OUTAGE, hurt))).outcome is Outcome.FAIL
    assert judge_bystanders(record(outages=(OUTAGE, flapping))).outcome is Outcome.FAIL
    starved = dataclasses.replace(flapping, starved=1)
    assert judge_bystanders(record(outages=(OUTAGE, starved))).outcome is Outcome.INCONCLUSIVE


@pytest.mark.parametrize(
    ("before", "after", "outcome"),
    [
        ({"a:1": "healthy"}, {"a:1": "healthy"}, Outcome.PASS),
        ({"a:1": "healthy"}, {"b:1": "healthy", "c:1": "healthy"}, Outcome.PASS),
        ({"a:1": "healthy"}, {"a:1": "healthy", "a:2": "unhealthy"}, Outcome.FAIL),
        ({"a:1": "healthy"}, {"a:1": "initial"}, Outcome.FAIL),
        ({"a:1": "healthy", "b:1": "healthy"}, {"a:1": "healthy"}, Outcome.FAIL),
        ({"a:1": "healthy"}, {}, Outcome.FAIL),
        ({}, {"a:1": "healthy"}, Outcome.INCONCLUSIVE),
    ],
)
def test_the_balancer_sends_to_what_is_healthy_alone(
    before: dict[str, str], after: dict[str, str], outcome: Outcome
) -> None:
    looks = [(-1.0, TargetsSeen(Stage.BASELINE, "alb", before)), (9.0, TargetsSeen(Stage.SETTLED, "alb", after))]
    assert judge_targets(record(*looks)).outcome is outcome
    assert judge_targets(record(*looks[:1])).outcome is Outcome.INCONCLUSIVE
    told = [finding.name for finding in findings(record(*looks), dataclasses.replace(STARTED, tasks=6))]
    assert told == ["targets", "capacity", "followed", "bystanders"]


def test_targets_that_were_changed_are_followed_too() -> None:
    change = (1.0, call("DeregisterTargets", 1, params={"TargetGroupArn": "x"}))
    assert judge_followed(record(change, targets(2, SIX)), 6).outcome is Outcome.PASS
    assert judge_followed(record(targets(0.5, SIX), change), 6).outcome is Outcome.FAIL


def test_no_other_drill_is_asked() -> None:
    def asked(started: DrillStarted) -> list[str]:
        return [finding.name for finding in findings(record(), started)]

    assert asked(STARTED) == []
    assert asked(dataclasses.replace(STARTED, tasks=6)) == ["release", "capacity", "followed", "bystanders"]
