"""Where a region was lost, the judge asks how the recovery got by without it, and what happened when it came back."""

from __future__ import annotations

import dataclasses

import pytest

from harness.clock import Instant
from harness.facts import (
    CallMade,
    CapacitySeen,
    FaultStruck,
    Phase,
    PhaseEntered,
    RecoveryEnded,
    RegionReturned,
    Stage,
)
from harness.objectives import Outcome
from harness.record import Record, Stamped
from harness.verdict import judge
from harness.verdict.region import judge_capacity, judge_independence, judge_order, judge_return
from tests.unit.verdict.good import SECOND, STARTED, STRUCK, SWITCHED, call, record

LOST, OTHER = "us-east-1", "us-west-2"
MOVE = ("PromoteReadReplica", "UpdateService", "ChangeResourceRecordSets")
BACK = RegionReturned(LOST, well=True, asked_again=True, answered_by=OTHER)
TERMS = dataclasses.replace(STARTED, lost_region=LOST)


def seen(*facts: object, after: float = 3) -> Record:
    """A record in which a recovery ended 2.5 s after the strike, and `facts` were noted `after` it."""
    told = ((0.0, FaultStruck("LoseRegion", "primary-region")), (2.5, RecoveryEnded(ok=True)))
    early = [fact for fact in facts if isinstance(fact, CapacitySeen) and fact.stage is Stage.BASELINE]
    late = [fact for fact in facts if fact not in early]
    noted = ((-9.0, TERMS), *((-1.0, fact) for fact in early), *told, *((after, fact) for fact in late))
    return Record(tuple(Stamped(Instant(round(STRUCK + at * SECOND)), fact) for at, fact in noted))


def moved(*operations: str, region: str = OTHER) -> Record:
    """A recovery that made these calls one after the other."""
    switched = {"ChangeResourceRecordSets": SWITCHED}
    made = [call(name, 1 + n, region=region, params=switched.get(name)) for n, name in enumerate(operations)]
    at = next((n for n, name in enumerate(operations) if name == "UpdateService"), 0)
    rolled_out = call("DescribeServices", 1.5 + at, region=region, states={"dr-service": "COMPLETED"})
    return seen(*made, rolled_out)


def counted(before: int, after: int, *, desired: int = 2) -> Record:
    return seen(
        CapacitySeen(Stage.BASELINE, "service", LOST, 2, 2, before),
        CapacitySeen(Stage.SETTLED, "dr-service", OTHER, desired, after, after),
    )


def test_who_calls_the_lost_region_fails_even_where_nobody_answers() -> None:
    assert judge_independence(moved(*MOVE), LOST).outcome is Outcome.PASS
    failed = dataclasses.replace(call("DescribeDBInstances", 1, region=LOST), error="Unreachable")
    for one in (failed, call("ModifyDBInstance", 1, region=LOST)):
        assert judge_independence(seen(one), LOST).outcome is Outcome.FAIL
    assert judge_independence(seen(), LOST).outcome is Outcome.INCONCLUSIVE


def test_what_belongs_to_no_region_may_be_called() -> None:
    names = dataclasses.replace(call("ChangeResourceRecordSets", 1, region=LOST), service="route53")
    assert judge_independence(seen(names), LOST).outcome is Outcome.PASS


def test_stores_come_first_then_the_service_then_the_names() -> None:
    store, service, name = MOVE
    assert judge_order(moved(*MOVE), TERMS).outcome is Outcome.PASS
    for wrong in ((service, store, name), (name, store, service), (store, name, service)):
        assert judge_order(moved(*wrong), TERMS).outcome is Outcome.FAIL, wrong
    for missing in ((store, service), (store, name), (service, name)):
        assert judge_order(moved(*missing), TERMS).outcome is Outcome.INCONCLUSIVE, missing


@pytest.mark.parametrize(
    ("before", "after", "desired", "outcome"),
    [
        (2, 2, 2, Outcome.PASS),
        (2, 3, 3, Outcome.PASS),
        (2, 1, 1, Outcome.FAIL),
        (2, 1, 2, Outcome.FAIL),
        (2, 2, 3, Outcome.FAIL),
        (1, 1, 1, Outcome.FAIL),
        (0, 2, 2, Outcome.INCONCLUSIVE),
    ],
)
def test_as_many_tasks_serve_as_before_and_as_are_wanted(
    before: int, after: int, desired: int, outcome: Outcome
) -> None:
    assert judge_capacity(counted(before, after, desired=desired)).outcome is outcome


def test_nobody_counted_is_no_proof() -> None:
    assert judge_capacity(seen()).outcome is Outcome.INCONCLUSIVE


@pytest.mark.parametrize(
    ("look", "outcome"),
    [
        (BACK, Outcome.PASS),
        (dataclasses.replace(BACK, answered_by=LOST), Outcome.FAIL),
        (dataclasses.replace(BACK, answered_by=""), Outcome.FAIL),
        (dataclasses.replace(BACK, answered_by="eu-west-9"), Outcome.FAIL),
        (dataclasses.replace(BACK, region=OTHER, answered_by=LOST), Outcome.INCONCLUSIVE),
        (dataclasses.replace(BACK, well=False), Outcome.INCONCLUSIVE),
        (dataclasses.replace(BACK, asked_again=False), Outcome.INCONCLUSIVE),
    ],
)
def test_who_is_led_back_is_noticed_and_a_region_that_stayed_away_proves_nothing(
    look: RegionReturned, outcome: Outcome
) -> None:
    serving = CapacitySeen(Stage.SETTLED, "dr-service", OTHER, 2, 2, 2)
    assert judge_return(seen(look, serving)).outcome is outcome


def test_a_return_before_the_recovery_had_ended_is_none() -> None:
    assert judge_return(seen(BACK, after=1)).outcome is Outcome.INCONCLUSIVE
    assert judge_return(seen()).outcome is Outcome.INCONCLUSIVE


def test_these_are_asked_only_where_a_region_was_lost() -> None:
    asked = {"independence", "order", "capacity", "cache protection"}
    assert not asked & {finding.name for finding in judge(record()).findings}
    lost = dataclasses.replace(STARTED, lost_region=LOST)
    judged = judge(record(lambda fact: lost if fact == STARTED else fact))
    assert asked <= {finding.name for finding in judged.findings}


def test_where_no_name_can_be_moved_none_has_to_be() -> None:
    store, service, name = MOVE
    static = dataclasses.replace(TERMS, names_move=False)
    assert judge_order(moved(store, service), static).outcome is Outcome.PASS
    assert judge_order(moved(service, store), static).outcome is Outcome.FAIL
    global_call = dataclasses.replace(call(name, 1, region=OTHER), service="route53")
    assert judge_independence(seen(global_call), LOST).outcome is Outcome.PASS
    assert judge_independence(seen(global_call), LOST, control_planes=True).outcome is Outcome.FAIL


def test_another_name_may_be_changed_at_any_time() -> None:
    other = {"ChangeBatch": {"Changes": [{"ResourceRecordSet": {"Name": "www.labelmintit.com."}}]}}
    early = call("ChangeResourceRecordSets", 0.5, region=OTHER, params=dict(other))
    assert judge_order(seen(early, *moved_calls()), TERMS).outcome is Outcome.PASS


def test_once_the_region_is_back_it_may_be_called_again() -> None:
    """A failback has to."""
    back = (PhaseEntered(Phase.RETURNING), call("ModifyDBInstance", 4, region=LOST))
    assert judge_independence(seen(*moved_calls(), *back, after=3), LOST).outcome is Outcome.PASS


def moved_calls() -> list[CallMade]:
    return [s.fact for s in moved(*MOVE).facts if isinstance(s.fact, CallMade)]


def test_who_scales_on_or_gives_up_the_lost_cache_afterwards_does_no_harm() -> None:
    more = call("UpdateService", 5, region=OTHER)
    detached = call("DisassociateGlobalReplicationGroup", 6, region=OTHER, params={"ReplicationGroupRegion": LOST})
    assert judge_order(seen(*moved_calls(), more, detached), TERMS).outcome is Outcome.PASS


def test_what_nobody_answered_was_asked_for_all_the_same() -> None:
    """A bucket of the lost region, a snapshot that is copied from there: through a client of the other region."""
    unanswered = dataclasses.replace(call("GetObject", 1, region=OTHER), error="Unreachable")
    assert judge_independence(seen(unanswered), LOST).outcome is Outcome.FAIL


def test_a_deployment_under_way_may_end_as_something_else() -> None:
    before = CapacitySeen(Stage.BASELINE, "service", LOST, 2, 2, 2)
    amid = CapacitySeen(Stage.SETTLED, "dr-service", OTHER, 2, 2, 2, deployments=2)
    assert judge_capacity(seen(before, amid)).outcome is Outcome.FAIL


def test_tasks_counted_in_the_lost_region_are_not_those_that_serve() -> None:
    looks = [CapacitySeen(stage, "service", LOST, 2, 2, 2) for stage in (Stage.BASELINE, Stage.SETTLED)]
    assert judge_capacity(seen(*looks), lost=LOST).outcome is Outcome.INCONCLUSIVE


def test_nobody_is_led_to_a_service_that_nobody_saw_rolled_out() -> None:
    blind = [one for one in moved_calls() if one.operation != "DescribeServices"]
    assert judge_order(seen(*blind), TERMS).outcome is Outcome.FAIL
    late = dataclasses.replace(call("DescribeServices", 5, region=OTHER, states={"dr-service": "COMPLETED"}))
    assert judge_order(seen(*blind, late), TERMS).outcome is Outcome.FAIL
