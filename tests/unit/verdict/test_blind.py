"""What nothing takes back is not done before its state and its lag were seen, and seen they are by an answer."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta

import pytest

from harness.clock import Instant
from harness.facts import CallMade, ClocksRead
from harness.objectives import Outcome
from harness.record import Stamped
from harness.verdict import judge
from harness.verdict.blind import blind_takeovers
from tests.unit.verdict.good import LAG, SECOND, STRUCK, call, record

STATE = call("DescribeDBInstances", 0, states={"db": "available"})
PROMOTED = call("PromoteReadReplica", 3, resources=("db",))
STRIKE = datetime(2026, 3, 1, 12, tzinfo=UTC)


def lag(**params: object) -> CallMade:
    return dataclasses.replace(LAG, params=LAG.params | params)


@pytest.mark.parametrize("looks", [[], [LAG], [STATE]])
def test_a_replica_is_not_promoted_blindly(looks: list[CallMade]) -> None:
    """Its state and its lag are to be looked at, each; another replica's, or after the deed, is no look."""
    late = dataclasses.replace(LAG, started=PROMOTED.started + SECOND)
    assert len(list(blind_takeovers([*looks, PROMOTED, late]))) == 1
    assert not list(blind_takeovers([LAG, STATE, PROMOTED]))
    assert list(blind_takeovers([LAG, STATE, dataclasses.replace(PROMOTED, region="us-west-2")]))
    assert list(blind_takeovers([LAG, STATE, call("PromoteReadReplica", 3, resources=("another",))]))


@pytest.mark.parametrize(
    "look",
    [
        lag(Namespace="Nonsense"),
        lag(MetricName="CPUUtilization"),
        lag(Dimensions=[{"Name": "anything", "Value": "db"}]),
        lag(Dimensions=[{"Value": "db"}]),
        lag(EndTime="1999-01-02T00:00:00Z"),
        lag(EndTime=STRIKE - timedelta(seconds=1)),
        dataclasses.replace(LAG, service="rds"),
        dataclasses.replace(LAG, error="Throttling"),
        dataclasses.replace(LAG, datapoints=0),
        dataclasses.replace(LAG, took=timedelta(seconds=30)),
    ],
    ids=[
        "namespace", "metric", "dimension", "nameless", "long ago", "before the strike", "service", "refused", "empty",
        "answered afterwards",
    ],
)  # fmt: skip
def test_a_look_that_shows_nothing_is_none(look: CallMade) -> None:
    assert list(blind_takeovers([STATE, look, PROMOTED], STRIKE)) == ["db took over without a good look at its lag"]
    good = dataclasses.replace(lag(EndTime="2026-03-01T12:00:05Z"), datapoints=3)
    assert not list(blind_takeovers([STATE, look, good, PROMOTED], STRIKE))


@pytest.mark.parametrize(
    ("looks", "blind"),
    [
        ([("available", 0, 0.1)], False),
        ([("storage-full", 0, 0.1)], True),
        ([("available", 0, 0.1), ("modifying", 1, 0.1)], True),
        ([("modifying", 0, 0.1), ("available", 1, 0.1)], False),
        ([("available", 0, 30)], True),
        ([("modifying", 0, 0.1), ("available", 1, 30)], True),
    ],
)
def test_it_is_available_the_last_time_that_anybody_was_told(
    looks: list[tuple[str, float, float]], blind: bool
) -> None:
    told = [
        dataclasses.replace(call("DescribeDBInstances", at, states={"db": state}), took=timedelta(seconds=took))
        for state, at, took in looks
    ]
    assert bool(list(blind_takeovers([*told, LAG, PROMOTED]))) is blind


def test_lag_may_be_looked_at_by_metric_data_too() -> None:
    query = {"Id": "q", "MetricStat": {"Metric": LAG.params}}
    asked = dataclasses.replace(call("GetMetricData", 1, params={"MetricDataQueries": [query]}), service="cloudwatch")
    assert not list(blind_takeovers([STATE, asked, PROMOTED]))


@pytest.mark.parametrize(
    ("operation", "taker"),
    [
        ("FailoverGlobalReplicationGroup", "PrimaryReplicationGroupId"),
        ("DisassociateGlobalReplicationGroup", "ReplicationGroupId"),
    ],
)
def test_a_cache_does_not_take_over_blindly_either(operation: str, taker: str) -> None:
    takeover = call(operation, 3, params={"GlobalReplicationGroupId": "store", taker: "west"})
    state = call("DescribeReplicationGroups", 0, states={"west": "available"})
    looked = lag(
        Namespace="AWS/ElastiCache",
        MetricName="GlobalDatastoreReplicationLag",
        Dimensions=[{"Name": "GlobalReplicationGroupId", "Value": "store"}],
    )
    assert list(blind_takeovers([state, takeover]))
    assert list(blind_takeovers([looked, takeover]))
    assert not list(blind_takeovers([state, looked, takeover]))


def test_the_strike_is_told_on_the_wall_clock() -> None:
    """A window that had ended by then says nothing of what was lost."""
    old = lag(EndTime=(STRIKE - timedelta(seconds=5)).isoformat())
    read = Stamped(Instant(STRUCK - 9 * SECOND), ClocksRead(STRUCK - 9 * SECOND, STRIKE - timedelta(seconds=9)))
    seen = record(lambda fact: old if fact is LAG else fact)
    assert judge(seen).of("waits") is Outcome.PASS
    assert judge(dataclasses.replace(seen, facts=(read, *seen.facts))).of("waits") is Outcome.FAIL
