"""The probe of alarms: what of a database or a cache is watched, and when an alarm is raised of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from harness.aws import Aws
from harness.estate import Database

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch.type_defs import MetricAlarmTypeDef


def alarmed_metrics(aws: Aws, database: Database) -> tuple[str, ...]:
    """What CloudWatch alarms watch of a database, each with its condition, in order of the metrics' names."""
    return _watched(aws, database.region, {("DBInstanceIdentifier", database.identifier)})


def alarmed_of_cache(aws: Aws, region: str, nodes: Iterable[str]) -> tuple[str, ...]:
    """The same of a cache's nodes."""
    return _watched(aws, region, {("CacheClusterId", node) for node in nodes})


def _watched(aws: Aws, region: str, wanted: set[tuple[str, str]]) -> tuple[str, ...]:
    watching = [alarm for alarm in _alarms(aws, region) if wanted & set(_dimensions(alarm))]
    return tuple(sorted({_condition(alarm) for alarm in watching}))


def every_alarm(aws: Aws, region: str) -> dict[str, str]:
    """Each alarm of a region by its ARN: what it watches, and its condition. Raises ClientError."""
    return {one["AlarmArn"]: f"{_condition(one)} of {sorted(_dimensions(one))}" for one in _alarms(aws, region)}


def _alarms(aws: Aws, region: str) -> list[MetricAlarmTypeDef]:
    return aws.cloudwatch(region).describe_alarms()["MetricAlarms"]


def _dimensions(alarm: MetricAlarmTypeDef) -> list[tuple[str, str]]:
    return [(one["Name"], one["Value"]) for one in alarm.get("Dimensions", ())]


def _condition(alarm: MetricAlarmTypeDef) -> str:
    """`DatabaseConnections LessThanThreshold 1 (Average of 60 s, 1 time, missing breaching)`."""
    times = alarm.get("EvaluationPeriods", 1)
    said = (
        f"{alarm['MetricName']} {alarm.get('ComparisonOperator', '')} {alarm.get('Threshold', 0):g} "
        f"({alarm.get('Statistic', '')} of {alarm.get('Period', 0)} s, {times} time{'s' if times > 1 else ''}, "
        f"missing {alarm.get('TreatMissingData', 'missing')})"
    )
    return said if alarm.get("ActionsEnabled", True) else f"{said}, and tells nobody"
