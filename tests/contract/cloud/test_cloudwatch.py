"""CloudWatch's metrics come from the servers, and its alarms are evaluated, which moto never does."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from harness.cloud.services.cloudwatch import CloudWatch
from harness.cloud.services.ec2 import Ec2
from harness.cloud.services.elasticache import ElastiCache
from harness.cloud.services.elbv2 import Elbv2
from harness.cloud.services.rds import Rds
from harness.cloud.services.ssm import Ssm
from harness.estate import Role
from harness.wait import until
from tests.contract.cloud.caching import DATASTORE, GROUP
from tests.contract.cloud.caching import client as cache_client
from tests.contract.cloud.raising import DR_REPLICA, EAST, PRIMARY, REPLICA, WEST, Raised, raised, refusal

SOON = timedelta(seconds=20)
LOST = "labelmintit-production-db-connections-lost"
LAG = "labelmintit-production-db-replica-lag"

_COUNTED = ("CacheHits", "CacheMisses")


@pytest.fixture(scope="module")
def estate() -> Iterator[Raised]:
    with raised(Rds, Ec2, Ssm, Elbv2, ElastiCache, CloudWatch, pace=0.002) as made:
        yield made


def points(estate: Raised, metric: str, identifier: str, region: str = EAST, minutes: int = 10) -> list[dict[str, Any]]:
    """As the recovery procedure asks: the last minutes by the caller's own clock."""
    now = datetime.now(UTC)
    answer = estate.aws.cloudwatch(region).get_metric_statistics(
        Namespace="AWS/RDS",
        MetricName=metric,
        Dimensions=[{"Name": "DBInstanceIdentifier", "Value": identifier}],
        StartTime=now - timedelta(minutes=minutes),
        EndTime=now + timedelta(minutes=1),
        Period=60,
        Statistics=["Average", "Maximum", "SampleCount"],
    )
    return sorted((dict(point) for point in answer["Datapoints"]), key=lambda point: point["Timestamp"])


def alarm(estate: Raised, name: str) -> dict[str, Any]:
    return dict(estate.aws.cloudwatch().describe_alarms(AlarmNames=[name])["MetricAlarms"][0])


def connect(estate: Raised) -> Any:
    """A session of the application's."""
    import psycopg

    from harness import dial

    endpoint, login = estate.instance(PRIMARY)["Endpoint"], estate.cloud.service(Rds).login()
    parameters = dial.conninfo(
        estate.cloud.directory, endpoint["Address"], endpoint["Port"],
        user=login.user, password=login.password, database=login.database,
    )  # fmt: skip
    return psycopg.connect(**parameters)  # type: ignore[arg-type]


def cached(estate: Raised, metric: str, node: str) -> list[Any]:
    """The last ten minutes of a cache node's metric."""
    return of_caches(estate, EAST, metric, CacheClusterId=node, CacheNodeId="0001")


def summed(estate: Raised, metric: str, node: str) -> float:
    return sum(float(point["Sum"]) for point in cached(estate, metric, node))


def global_lag(estate: Raised) -> float:
    """The last known lag of the other region's cache."""
    lags = of_caches(estate, WEST, "GlobalDatastoreReplicationLag", GlobalReplicationGroupId=DATASTORE)
    return float(lags[-1]["Maximum"]) if lags else -1.0


def of_caches(estate: Raised, region: str, metric: str, **dimensions: str) -> list[Any]:
    now = datetime.now(UTC)
    answer = estate.aws.cloudwatch(region).get_metric_statistics(
        Namespace="AWS/ElastiCache",
        MetricName=metric,
        Dimensions=[{"Name": name, "Value": value} for name, value in dimensions.items()],
        StartTime=now - timedelta(minutes=60),
        EndTime=now,
        Period=60,
        Statistics=["Sum", "Maximum"],
    )
    return sorted(answer["Datapoints"], key=lambda point: point["Timestamp"])


def test_ten_minutes_hold_ten_datapoints_a_minute_apart_whatever_the_pace(estate: Raised) -> None:
    """Code written for AWS asks in wall time; at this pace ten periods pass in 1.2 s."""
    until("ten periods passed", lambda: len(points(estate, "FreeStorageSpace", PRIMARY)) >= 10, within=SOON)

    found = points(estate, "FreeStorageSpace", PRIMARY)
    steps = {after["Timestamp"] - before["Timestamp"] for before, after in pairwise(found)}
    assert steps == {timedelta(minutes=1)}
    assert {point["SampleCount"] for point in found} == {1.0}
    assert datetime.now(UTC) - found[-1]["Timestamp"] < timedelta(minutes=2)


def test_metrics_are_those_of_the_servers(estate: Raised) -> None:
    """Connections are counted; lag is only a replica's; each instance has its own region."""
    with connect(estate), connect(estate):
        until("both are seen", lambda: points(estate, "DatabaseConnections", PRIMARY)[-1]["Maximum"] == 2, within=SOON)

    assert points(estate, "ReplicaLag", REPLICA)[-1]["Maximum"] >= 0
    assert points(estate, "ReplicaLag", PRIMARY) == []
    assert points(estate, "ReplicaLag", DR_REPLICA, WEST)
    assert points(estate, "ReplicaLag", DR_REPLICA, EAST) == []
    listed = estate.aws.cloudwatch().list_metrics(Namespace="AWS/RDS", MetricName="FreeStorageSpace")["Metrics"]
    assert {metric["Dimensions"][0]["Value"] for metric in listed} == {PRIMARY, REPLICA}


def test_a_cut_replica_falls_behind_in_the_metric(estate: Raised) -> None:
    """Sabotage of replication shows before anybody promotes."""
    machine = estate.machine(Role.READ_REPLICA)
    machine.cut_replication()
    until("the lag grows", lambda: points(estate, "ReplicaLag", REPLICA)[-1]["Maximum"] > 0, within=SOON)
    machine.restore_replication()
    until("it caught up", lambda: points(estate, "ReplicaLag", REPLICA)[-1]["Maximum"] == 0, within=SOON)


def test_metrics_of_caches_are_those_of_their_nodes(estate: Raised) -> None:
    """Hits and misses are counted, lag is only a replica's, and a dead node tells nothing."""
    node = f"{GROUP}-001"
    with closing(cache_client(estate)) as client:
        client.set("user:1", "ada")
        for key in ("user:1", "user:1", "user:2"):
            client.get(key)
        until("all are counted", lambda: [summed(estate, m, node) for m in _COUNTED] == [2, 1], within=SOON)
        until("the client is", lambda: cached(estate, "CurrConnections", node)[-1]["Maximum"] == 1, within=SOON)
    assert cached(estate, "ReplicationLag", node) == []
    assert cached(estate, "ReplicationLag", f"{GROUP}-002")[-1]["Maximum"] == 0
    machine = estate.cloud.service(ElastiCache).machine(Role.DR_CACHE)
    machine.cut_replication()
    until("the other region falls behind", lambda: global_lag(estate) > 0, within=SOON)
    machine.restore_replication()
    until("it caught up", lambda: global_lag(estate) == 0, within=SOON)


def test_metric_data_is_answered_newest_first(estate: Raised) -> None:
    now = datetime.now(UTC)
    metric = {
        "Namespace": "AWS/RDS",
        "MetricName": "FreeStorageSpace",
        "Dimensions": [{"Name": "DBInstanceIdentifier", "Value": PRIMARY}],
    }
    query = {"Id": "free", "MetricStat": {"Metric": metric, "Period": 60, "Stat": "Average"}}
    answer = estate.aws.cloudwatch().get_metric_data(
        MetricDataQueries=[query],  # type: ignore[list-item]
        StartTime=now - timedelta(minutes=5),
        EndTime=now,
    )

    result = answer["MetricDataResults"][0]
    assert result["Timestamps"] == sorted(result["Timestamps"], reverse=True)
    assert len(result["Values"]) in (4, 5)
    math = [{"Id": "m", "Expression": "free * 2"}]
    call = lambda: estate.aws.cloudwatch().get_metric_data(MetricDataQueries=math, StartTime=now, EndTime=now)  # type: ignore[arg-type]  # noqa: E731
    assert refusal(call)[1] == 501


def test_own_metrics_are_kept_with_their_time(estate: Raised) -> None:
    """A value dated three minutes ago is found three minutes ago."""
    now = datetime.now(UTC)
    cloudwatch = estate.aws.cloudwatch()
    cloudwatch.put_metric_data(
        Namespace="LabelMint",
        MetricData=[{"MetricName": "Depth", "Value": 7.0, "Timestamp": now - timedelta(minutes=3), "Unit": "Count"}],
    )
    cloudwatch.put_metric_data(
        Namespace="LabelMint",
        MetricData=[
            {"MetricName": "Set", "StatisticValues": {"SampleCount": 4, "Sum": 10, "Minimum": 1, "Maximum": 4}}
        ],
    )

    def asked(name: str, start: timedelta, end: timedelta) -> list[Any]:
        answer = cloudwatch.get_metric_statistics(
            Namespace="LabelMint", MetricName=name, StartTime=now - start, EndTime=now - end, Period=60,
            Statistics=["Average", "Minimum"],
        )  # fmt: skip
        return answer["Datapoints"]

    assert [point["Average"] for point in asked("Depth", timedelta(minutes=15), timedelta(minutes=2))] == [7.0]
    assert asked("Depth", timedelta(minutes=1), timedelta(0)) == []
    assert [(p["Average"], p["Minimum"]) for p in asked("Set", timedelta(hours=1), -timedelta(minutes=1))] == [
        (2.5, 1.0)
    ]


def test_an_alarm_begins_with_insufficient_data_and_is_then_evaluated(estate: Raised) -> None:
    """moto would say OK for ever."""
    cloudwatch = estate.aws.cloudwatch()
    watch = {
        "AlarmName": "queue-deep", "Namespace": "LabelMint", "MetricName": "Queue", "Statistic": "Maximum",
        "Period": 60, "EvaluationPeriods": 1, "Threshold": 10.0, "ComparisonOperator": "GreaterThanThreshold",
    }  # fmt: skip
    cloudwatch.put_metric_alarm(**watch)  # type: ignore[arg-type]
    assert alarm(estate, "queue-deep")["StateValue"] == "INSUFFICIENT_DATA"

    def put_until(value: float, state: str) -> None:
        def reached() -> bool:
            cloudwatch.put_metric_data(Namespace="LabelMint", MetricData=[{"MetricName": "Queue", "Value": value}])
            return bool(alarm(estate, "queue-deep")["StateValue"] == state)

        until(f"queue-deep is {state}", reached, within=SOON)

    put_until(11, "ALARM")
    put_until(3, "OK")
    history = cloudwatch.describe_alarm_history(AlarmName="queue-deep", HistoryItemType="StateUpdate")
    said = [item["HistorySummary"] for item in history["AlarmHistoryItems"]][::-1]
    assert said[:2] == ["Alarm updated from INSUFFICIENT_DATA to ALARM", "Alarm updated from ALARM to OK"]
    raised_now = cloudwatch.describe_alarms(StateValue="ALARM")["MetricAlarms"]
    assert "queue-deep" not in {one["AlarmName"] for one in raised_now}

    cloudwatch.delete_alarms(AlarmNames=["queue-deep"])
    assert cloudwatch.describe_alarms(AlarmNames=["queue-deep"])["MetricAlarms"] == []
    assert refusal(lambda: cloudwatch.delete_alarms(AlarmNames=["queue-deep"]))[:2] == ("ResourceNotFound", 404)


def test_a_state_that_was_set_lasts_until_the_next_evaluation(estate: Raised) -> None:
    cloudwatch = estate.aws.cloudwatch()
    cloudwatch.set_alarm_state(AlarmName=LAG, StateValue="ALARM", StateReason="a rehearsal")

    until("it is evaluated again", lambda: alarm(estate, LAG)["StateValue"] == "OK", within=SOON)
    call = lambda: cloudwatch.set_alarm_state(AlarmName="none", StateValue="OK", StateReason="x")  # noqa: E731
    assert refusal(call)[:2] == ("ResourceNotFound", 404)


def test_the_alarm_fires_when_the_database_dies(estate: Raised) -> None:
    """The dead publish nothing, and missing data is breaching. With sessions open it was OK."""
    with connect(estate) as session:
        until("the alarm is quiet", lambda: alarm(estate, LOST)["StateValue"] == "OK", within=SOON)
        estate.machine(PRIMARY).lose()
        until("the alarm fires", lambda: alarm(estate, LOST)["StateValue"] == "ALARM", within=SOON)
        session.close()

    assert "missing datapoint was treated as [Breaching]" in alarm(estate, LOST)["StateReason"]
    history = estate.aws.cloudwatch().describe_alarm_history(AlarmName=LOST)["AlarmHistoryItems"]
    assert history[0]["HistorySummary"] == "Alarm updated from OK to ALARM"
    newest = points(estate, "DatabaseConnections", PRIMARY)[-1]["Timestamp"]
    until("its datapoints grow old", lambda: points(estate, "DatabaseConnections", PRIMARY) == [], within=SOON)
    assert newest
