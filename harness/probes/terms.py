"""Probes that read from the AWS API what a recovery will have to wait for: detection periods and exposure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import psycopg

from harness.aws import Aws
from harness.estate import Alarm, Database, Estate, Role
from harness.facts import ExposureSeen, ForecastInput, Part
from harness.probes.signals import health_checks

LAG_WINDOW = timedelta(minutes=10)


def detection(aws: Aws, estate: Estate) -> ForecastInput:
    """How long the health check and the alarms take to notice, from their own settings.

    Raises ClientError when one of them is missing: what cannot be seen cannot be promised.
    """
    times = [*_health_checks(aws, estate), *(_alarm(aws, alarm) for alarm in watching(estate))]
    return ForecastInput(
        Part.DETECT,
        "health check and alarm",
        min(times, default=timedelta(0)),
        max(times, default=timedelta(0)),
        "their own settings, as the API gives them",
    )


def watching(estate: Estate) -> tuple[Alarm, ...]:
    """The alarms that a lost primary database must raise."""
    return tuple(
        alarm
        for alarm in estate.alarms
        if alarm.database is Role.PRIMARY_DATABASE and alarm.treat_missing_data == "breaching"
    )


def _health_checks(aws: Aws, estate: Estate) -> Iterator[timedelta]:
    for check in health_checks(aws, estate):
        config = aws.route53().get_health_check(HealthCheckId=check)["HealthCheck"]["HealthCheckConfig"]
        yield timedelta(seconds=config.get("RequestInterval", 30)) * config.get("FailureThreshold", 3)


def _alarm(aws: Aws, alarm: Alarm) -> timedelta:
    """An alarm needs its periods, and up to one more until the data is there."""
    found = aws.cloudwatch(alarm.region).describe_alarms(AlarmNames=[alarm.name])["MetricAlarms"][0]
    return timedelta(seconds=found.get("Period", 60)) * (found.get("EvaluationPeriods", 1) + 1)


def apply_delay(replica: Database, session: psycopg.Connection) -> ExposureSeen:
    """By how much a replica is told to stay behind, as its own server says; connected to that replica."""
    row = session.execute("SELECT setting FROM pg_settings WHERE name = 'recovery_min_apply_delay'").fetchone()
    behind = timedelta(milliseconds=int(row[0]) if row else 0)
    return ExposureSeen(f"schedule of {replica.identifier}", behind, "its recovery_min_apply_delay")


def replica_exposure(aws: Aws, estate: Estate, role: Role, now: datetime) -> ExposureSeen | None:
    """The worst replica lag of the last ten minutes, as CloudWatch holds it; None while it holds none.

    RDS reports -1 when replication is not active: then everything since it stopped is exposed, and the exposure is
    reported as the age of the estate's oldest promise, a year, since nobody knows it.
    """
    replica = estate.database(role)
    points = aws.cloudwatch(replica.region).get_metric_statistics(
        Namespace="AWS/RDS",
        MetricName="ReplicaLag",
        Dimensions=[{"Name": "DBInstanceIdentifier", "Value": replica.identifier}],
        StartTime=now - LAG_WINDOW,
        EndTime=now + timedelta(minutes=1),
        Period=60,
        Statistics=["Maximum", "Minimum"],
    )["Datapoints"]
    if not points:
        return None
    mechanism = f"replication to {replica.identifier}"
    if min(point["Minimum"] for point in points) < 0:
        return ExposureSeen(mechanism, timedelta(days=365), "replication is not active")
    worst = timedelta(seconds=max(point["Maximum"] for point in points))
    return ExposureSeen(mechanism, worst, f"worst ReplicaLag of {len(points)} datapoints")
