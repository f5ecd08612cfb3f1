"""Probes that read from the AWS API for how long nobody will know of a disaster."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from harness.aws import Aws
from harness.estate import Alarm, Estate, Role
from harness.facts import ForecastInput, Part
from harness.probes.signals import health_checks


def detection(aws: Aws, estate: Estate, lost: Role) -> ForecastInput:
    """How long the health check and the alarms take to notice, from their own settings.

    Raises ClientError when one of them is missing: what cannot be seen cannot be promised.
    """
    times = [*_health_checks(aws, estate), *(_alarm(aws, alarm) for alarm in watching(estate, lost))]
    return ForecastInput(
        Part.DETECT,
        "health check and alarm",
        min(times, default=timedelta(0)),
        max(times, default=timedelta(0)),
        "their own settings, as the API gives them",
    )


def watching(estate: Estate, lost: Role) -> tuple[Alarm, ...]:
    """The alarms that the loss of what is in that place must raise: it falls silent, and they take that for bad."""
    return tuple(alarm for alarm in estate.alarms if alarm.database is lost and alarm.treat_missing_data == "breaching")


def _health_checks(aws: Aws, estate: Estate) -> Iterator[timedelta]:
    for check in health_checks(aws, estate):
        config = aws.route53().get_health_check(HealthCheckId=check)["HealthCheck"]["HealthCheckConfig"]
        yield timedelta(seconds=config.get("RequestInterval", 30)) * config.get("FailureThreshold", 3)


def _alarm(aws: Aws, alarm: Alarm) -> timedelta:
    """An alarm needs its periods, and up to one more until the data is there."""
    found = aws.cloudwatch(alarm.region).describe_alarms(AlarmNames=[alarm.name])["MetricAlarms"][0]
    return timedelta(seconds=found.get("Period", 60)) * (found.get("EvaluationPeriods", 1) + 1)
