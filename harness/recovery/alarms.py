"""The one that takes over is watched as the lost one was: an alarm knows an instance by its identifier."""

from __future__ import annotations

from harness.estate import Database, Role
from harness.recovery.procedure import Recovery


def watch(recovery: Recovery, database: Database, lost: Role) -> None:
    """Give `database` the alarms that the estate has on the lost one, under names of its own."""
    cloudwatch = recovery.aws.cloudwatch(database.region)
    for alarm in recovery.estate.alarms:
        if alarm.database is lost and database.role is not lost:
            cloudwatch.put_metric_alarm(
                AlarmName=f"{alarm.name}-{database.role}",
                Namespace="AWS/RDS",
                MetricName=alarm.metric,
                Dimensions=[{"Name": "DBInstanceIdentifier", "Value": database.identifier}],
                Statistic=alarm.statistic,
                ComparisonOperator=alarm.comparison,
                Threshold=alarm.threshold,
                Period=alarm.period,
                EvaluationPeriods=alarm.evaluation_periods,
                TreatMissingData=alarm.treat_missing_data,
            )
