"""Probes of the signals that call an operator: the public name's health check and the database's alarms."""

from __future__ import annotations

from collections.abc import Iterable

from harness.aws import Aws
from harness.estate import Alarm, Estate


def health_checks(aws: Aws, estate: Estate) -> tuple[str, ...]:
    """The ids of the health checks that decide whether the public name's first choice is answered."""
    route53, zone = aws.route53(), estate.zone
    for hosted in route53.list_hosted_zones_by_name(DNSName=zone.name)["HostedZones"]:
        if hosted["Name"].rstrip(".") == zone.name:
            records = route53.list_resource_record_sets(HostedZoneId=hosted["Id"])["ResourceRecordSets"]
            return tuple(
                record["HealthCheckId"]
                for record in records
                if record["Name"].rstrip(".") == zone.public_name
                and record.get("Failover") == "PRIMARY"
                and "HealthCheckId" in record
            )
    return ()


def failing_health_check(aws: Aws, checks: Iterable[str]) -> str:
    """What the observers of a health check say once most of them fail; empty while all checks are healthy."""
    for check in checks:
        seen = aws.route53().get_health_check_status(HealthCheckId=check)["HealthCheckObservations"]
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
