"""Requests of CloudWatch read, and its answers written, in the shape of the API."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from harness.aws_rules.durations import METRIC_PERIOD
from harness.cloud.service import Answer, AwsError
from harness.cloud.services.cloudwatch.alarms import Alarm, Condition
from harness.cloud.services.cloudwatch.store import Datapoint, Dimensions, Metrics, Sample, Series
from harness.cloud.services.elbv2.balancers import dimension, group_dimension
from harness.estate import Alarm as EstateAlarm
from harness.estate import Estate, Role

_KEPT_SETTINGS = ("AlarmDescription", "OKActions", "AlarmActions", "InsufficientDataActions", "Unit")


def dimensions_of(params: Mapping[str, Any]) -> Dimensions:
    return frozenset((one["Name"], one["Value"]) for one in params.get("Dimensions", ()))


def series_of(region: str, params: Mapping[str, Any]) -> Series:
    return Series(region, params["Namespace"], params["MetricName"], dimensions_of(params))


def samples_of(datum: Mapping[str, Any]) -> list[Sample]:
    """What one entry of PutMetricData brings: a value, a statistic set, or values with counts."""
    unit = datum.get("Unit", "None")
    if "StatisticValues" in datum:
        known = datum["StatisticValues"]
        return [Sample(known["SampleCount"], known["Sum"], known["Minimum"], known["Maximum"], unit)]
    if "Values" in datum:
        counts = datum.get("Counts") or [1] * len(datum["Values"])
        pairs = zip(datum["Values"], counts, strict=True)
        return [Sample(count, value * count, value, value, unit) for value, count in pairs]
    return [Sample.of(datum["Value"], unit)]


def shown_datapoint(point: Datapoint, statistics: list[str]) -> Answer:
    return {
        "Timestamp": point.at,
        "Unit": point.sample.unit,
        **{name: point.sample.statistic(name) for name in statistics},
    }


def shown_result(metrics: Metrics, region: str, query: Mapping[str, Any], window: tuple[datetime, datetime]) -> Answer:
    """One result of GetMetricData, oldest first. Raises AwsError for metric math, which is not implemented."""
    if "MetricStat" not in query:
        raise AwsError("NotImplemented", "the embedded cloud does not implement cloudwatch metric math", 501)
    wanted = query["MetricStat"]
    series = series_of(region, wanted["Metric"])
    points = metrics.datapoints(series, *window, wanted["Period"])
    return {
        "Id": query["Id"],
        "Label": query.get("Label", series.name),
        "Timestamps": [point.at for point in points],
        "Values": [point.sample.statistic(checked_statistic(wanted["Stat"])) for point in points],
        "StatusCode": "Complete",
    }


def checked_statistic(name: str) -> str:
    """Raises AwsError for percentiles and the like."""
    if name not in {"Average", "Sum", "Minimum", "Maximum", "SampleCount"}:
        raise AwsError("NotImplemented", f"the embedded cloud does not implement cloudwatch statistic {name}", 501)
    return name


def alarm_of_estate(alarm: EstateAlarm, estate: Estate) -> Alarm:
    """An alarm as the estate has it; of a cache it watches the first node, which is the primary at first.

    Of a balancer it watches the targets of its one group.
    """
    if alarm.database:
        namespace, of = "AWS/RDS", {("DBInstanceIdentifier", estate.database(alarm.database).identifier)}
    elif alarm.balancer:
        balancer = estate.balancer(alarm.balancer)
        namespace = "AWS/ApplicationELB"
        of = {("LoadBalancer", dimension(estate, balancer)), ("TargetGroup", group_dimension(estate, balancer))}
    else:
        node = f"{estate.cache(alarm.cache or Role.CACHE).identifier}-001"
        namespace, of = "AWS/ElastiCache", {("CacheClusterId", node), ("CacheNodeId", "0001")}
    series = Series(alarm.region, namespace, alarm.metric, frozenset(of))
    condition = Condition(
        series=series,
        statistic=alarm.statistic,
        comparison=alarm.comparison,
        threshold=alarm.threshold,
        period=alarm.period,
        evaluation_periods=alarm.evaluation_periods,
        datapoints_to_alarm=alarm.evaluation_periods,
        missing=alarm.treat_missing_data,
    )
    return Alarm(alarm.name, alarm_arn(alarm.region, estate.account_id, alarm.name), condition, {})


def alarm_of_request(region: str, account: str, params: Mapping[str, Any]) -> Alarm:
    """Raises AwsError for alarms on anything but one metric's plain statistic."""
    if "MetricName" not in params or "ComparisonOperator" not in params or "Threshold" not in params:
        raise AwsError("NotImplemented", "the embedded cloud does not implement cloudwatch alarms on metric math", 501)
    periods = params["EvaluationPeriods"]
    to_alarm = params.get("DatapointsToAlarm", periods)
    if not 1 <= to_alarm <= periods:
        raise AwsError("ValidationError", "DatapointsToAlarm must be between 1 and EvaluationPeriods")
    condition = Condition(
        series=series_of(region, params),
        statistic=checked_statistic(params.get("Statistic", "Average")),
        comparison=params["ComparisonOperator"],
        threshold=params["Threshold"],
        period=params.get("Period", 60),
        evaluation_periods=periods,
        datapoints_to_alarm=to_alarm,
        missing=params.get("TreatMissingData", "missing"),
    )
    settings = {name: params[name] for name in _KEPT_SETTINGS if name in params}
    return Alarm(params["AlarmName"], alarm_arn(region, account, params["AlarmName"]), condition, settings)


def alarm_arn(region: str, account: str, name: str) -> str:
    return f"arn:aws:cloudwatch:{region}:{account}:alarm:{name}"


def periods_of(seconds: int) -> int:
    """How many metric periods an alarm's period spans."""
    return max(1, round(seconds / METRIC_PERIOD.total_seconds()))


def shown_alarm(alarm: Alarm) -> Answer:
    condition = alarm.condition
    return {
        "AlarmName": alarm.name,
        "AlarmArn": alarm.arn,
        "AlarmConfigurationUpdatedTimestamp": alarm.configured,
        "ActionsEnabled": True,
        "OKActions": [],
        "AlarmActions": [],
        "InsufficientDataActions": [],
        **alarm.settings,
        "StateValue": alarm.state,
        "StateReason": alarm.reason,
        "StateReasonData": alarm.reason_data,
        "StateUpdatedTimestamp": alarm.state_since,
        "StateTransitionedTimestamp": alarm.state_since,
        "MetricName": condition.series.name,
        "Namespace": condition.series.namespace,
        "Statistic": condition.statistic,
        "Dimensions": shown_dimensions(condition.series),
        "Period": condition.period,
        "EvaluationPeriods": condition.evaluation_periods,
        "DatapointsToAlarm": condition.datapoints_to_alarm,
        "Threshold": condition.threshold,
        "ComparisonOperator": condition.comparison,
        "TreatMissingData": condition.missing,
    }


def shown_dimensions(series: Series) -> list[dict[str, str]]:
    return [{"Name": name, "Value": value} for name, value in sorted(series.dimensions)]
