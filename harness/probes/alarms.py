"""The probe of alarms: which metrics of a database or a cache are watched."""

from __future__ import annotations

from collections.abc import Iterable

from harness.aws import Aws
from harness.estate import Database


def alarmed_metrics(aws: Aws, database: Database) -> tuple[str, ...]:
    """The metrics of a database that CloudWatch alarms watch, in order of their names."""
    return _watched(aws, database.region, {("DBInstanceIdentifier", database.identifier)})


def alarmed_of_cache(aws: Aws, region: str, nodes: Iterable[str]) -> tuple[str, ...]:
    """The metrics of a cache's nodes that CloudWatch alarms watch, in order of their names."""
    return _watched(aws, region, {("CacheClusterId", node) for node in nodes})


def _watched(aws: Aws, region: str, wanted: set[tuple[str, str]]) -> tuple[str, ...]:
    alarms = aws.cloudwatch(region).describe_alarms()["MetricAlarms"]
    watching = [a for a in alarms if wanted & {(d["Name"], d["Value"]) for d in a.get("Dimensions", ())}]
    return tuple(sorted({alarm["MetricName"] for alarm in watching}))
