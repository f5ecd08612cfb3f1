"""Probes of the signals that call an operator: the public name's health check and the database's alarms."""

from __future__ import annotations

from harness.aws import Aws
from harness.estate import Alarm, Estate


def failing_health_check(aws: Aws, estate: Estate) -> str:
    """What the observers of the primary's health check say once most of them fail; empty while it is healthy."""
    wanted = {record.health_check for record in estate.zone.records if record.failover == "PRIMARY"}
    for check in aws.route53().list_health_checks()["HealthChecks"]:
        if check["CallerReference"] in wanted:
            seen = aws.route53().get_health_check_status(HealthCheckId=check["Id"])["HealthCheckObservations"]
            reports = [observation.get("StatusReport", {}).get("Status", "") for observation in seen]
            failing = [report for report in reports if not report.startswith("Success")]
            if reports and 2 * len(failing) > len(reports):
                return failing[0]
    return ""


def raised_alarm(aws: Aws, alarm: Alarm) -> str:
    """Why CloudWatch put the alarm into ALARM; empty while it is in another state."""
    found = aws.cloudwatch(alarm.region).describe_alarms(AlarmNames=[alarm.name])["MetricAlarms"]
    if found and found[0].get("StateValue") == "ALARM":
        return found[0].get("StateReason") or "no reason given"
    return ""
