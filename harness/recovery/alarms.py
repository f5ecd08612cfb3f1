"""The one that takes over is watched as the lost one was: an alarm knows an instance or a node by its identifier."""

from __future__ import annotations

from collections.abc import Mapping

from harness.estate import Alarm, Cache, Database, Role
from harness.recovery.procedure import Recovery


def watch(recovery: Recovery, database: Database, lost: Role) -> None:
    """Give `database` the alarms that the estate has on the lost one, under names of its own."""
    for alarm in recovery.estate.alarms:
        if alarm.database is lost and database.role is not lost:
            _put(recovery, alarm, database, "AWS/RDS", {"DBInstanceIdentifier": database.identifier})


def watch_cache(recovery: Recovery, cache: Cache, lost: Role) -> None:
    """Give the first node of `cache`, its primary when it is new, the alarms that the estate has on the lost one."""
    for alarm in recovery.estate.alarms:
        if alarm.cache is lost and cache.role is not lost:
            node = {"CacheClusterId": f"{cache.identifier}-001", "CacheNodeId": "0001"}
            _put(recovery, alarm, cache, "AWS/ElastiCache", node)


def _put(recovery: Recovery, like: Alarm, what: Database | Cache, namespace: str, of: Mapping[str, str]) -> None:
    recovery.aws.cloudwatch(what.region).put_metric_alarm(
        AlarmName=f"{like.name}-{what.role}",
        Namespace=namespace,
        MetricName=like.metric,
        Dimensions=[{"Name": name, "Value": value} for name, value in of.items()],
        Statistic=like.statistic,
        ComparisonOperator=like.comparison,
        Threshold=like.threshold,
        Period=like.period,
        EvaluationPeriods=like.evaluation_periods,
        TreatMissingData=like.treat_missing_data,
    )
