"""The probe of alarms: which of a database's metrics are watched."""

from __future__ import annotations

from harness.aws import Aws
from harness.estate import Database


def alarmed_metrics(aws: Aws, database: Database) -> tuple[str, ...]:
    """The metrics of a database that CloudWatch alarms watch, in order of their names."""
    alarms = aws.cloudwatch(database.region).describe_alarms()["MetricAlarms"]
    wanted = ("DBInstanceIdentifier", database.identifier)
    watching = [alarm for alarm in alarms if wanted in {(d["Name"], d["Value"]) for d in alarm.get("Dimensions", ())}]
    return tuple(sorted({alarm["MetricName"] for alarm in watching}))
