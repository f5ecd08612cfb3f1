"""The signals that call an operator. A drill names its own in `signals`; each is a frozen value here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from harness.aws import Aws
from harness.aws_rules.durations import RDS_EVENT
from harness.estate import Alarm, Database, Estate, Role
from harness.facts import ALARM, HEALTH_CHECK, DataChecked
from harness.probes import data
from harness.probes.sight import Sight

Look = Callable[[], str]
"""Why the signal is raised; empty while it is not."""


class Signal(Protocol):
    """One kind of signal; it may be of several things."""

    def names(self, estate: Estate) -> tuple[str, ...]:
        """What it is called, one name for each thing."""
        ...

    def looks(self, sight: Sight) -> Iterator[tuple[tuple[str, str], Look]]:
        """(kind, name) of each, and a look that tells whether it is raised."""
        ...

    def times(self, sight: Sight) -> Iterator[timedelta]:
        """How long each takes to notice. Raises ClientError when it is not there: what cannot be seen cannot call."""
        ...


@dataclass(frozen=True, slots=True)
class HealthCheckFails:
    """The public name's first choice is no longer healthy, as Route 53's observers say."""

    def names(self, estate: Estate) -> tuple[str, ...]:
        return (estate.zone.public_name,)

    def looks(self, sight: Sight) -> Iterator[tuple[tuple[str, str], Look]]:
        checks = health_checks(sight.aws, sight.estate)
        yield (HEALTH_CHECK, sight.estate.zone.public_name), lambda: failing_health_check(sight.aws, checks)

    def times(self, sight: Sight) -> Iterator[timedelta]:
        for check in health_checks(sight.aws, sight.estate):
            config = sight.aws.route53().get_health_check(HealthCheckId=check)["HealthCheck"]["HealthCheckConfig"]
            yield timedelta(seconds=config.get("RequestInterval", 30)) * config.get("FailureThreshold", 3)


@dataclass(frozen=True, slots=True)
class AlarmsRaised:
    """Every alarm on what is in that place: its loss must raise each of them, or it is worth nothing then.

    Where there is none, one is missed all the same: nobody would have been called.
    """

    lost: Role

    def names(self, estate: Estate) -> tuple[str, ...]:
        return tuple(alarm.name for alarm in self._watching(estate)) or (f"any alarm on the {self.lost}",)

    def looks(self, sight: Sight) -> Iterator[tuple[tuple[str, str], Look]]:
        for alarm in self._watching(sight.estate):
            yield (ALARM, alarm.name), lambda alarm=alarm: raised_alarm(sight.aws, alarm)  # type: ignore[misc]

    def times(self, sight: Sight) -> Iterator[timedelta]:
        """An alarm needs its periods, and up to one more until the data is there."""
        for alarm in self._watching(sight.estate):
            found = sight.aws.cloudwatch(alarm.region).describe_alarms(AlarmNames=[alarm.name])["MetricAlarms"][0]
            yield timedelta(seconds=found.get("Period", 60)) * (found.get("EvaluationPeriods", 1) + 1)

    def _watching(self, estate: Estate) -> tuple[Alarm, ...]:
        return tuple(alarm for alarm in estate.alarms if alarm.watches is self.lost)


@dataclass(frozen=True, slots=True)
class EventReported:
    """RDS reports an event of that category of a database, such as failover."""

    database: Role
    category: str

    def names(self, estate: Estate) -> tuple[str, ...]:
        return (f"{self.category} of {estate.database(self.database).identifier}",)

    def looks(self, sight: Sight) -> Iterator[tuple[tuple[str, str], Look]]:
        since = sight.clock.wall()
        [name] = self.names(sight.estate)

        def look() -> str:
            database = sight.estate.database(self.database)
            events = sight.aws.rds(database.region).describe_events(
                SourceIdentifier=database.identifier, SourceType="db-instance",
                EventCategories=[self.category], StartTime=since - RDS_EVENT.worst,
            )["Events"]  # fmt: skip
            return events[-1]["Message"] if events else ""

        yield ("event", name), look

    def times(self, sight: Sight) -> Iterator[timedelta]:
        yield RDS_EVENT.usual
        yield RDS_EVENT.worst


@dataclass(frozen=True, slots=True)
class ReplicationBroken:
    """A replica in another region says that nothing comes from its source any more: told there, whatever is lost."""

    replica: Role

    def names(self, estate: Estate) -> tuple[str, ...]:
        return (f"replication to {estate.database(self.replica).identifier}",)

    def looks(self, sight: Sight) -> Iterator[tuple[tuple[str, str], Look]]:
        [name] = self.names(sight.estate)
        yield ("replication", name), lambda: broken_replication(sight.aws, sight.estate.database(self.replica))

    def times(self, sight: Sight) -> Iterator[timedelta]:
        yield RDS_EVENT.usual
        yield RDS_EVENT.worst


@dataclass(frozen=True, slots=True)
class DataWatched:
    """Somebody reads the data again and again: by errors, by amcheck and by comparing it with what it was."""

    every: timedelta
    """Between two looks; the drill's own look comes at once."""

    def names(self, estate: Estate) -> tuple[str, ...]:
        return tuple(f"{what} of {estate.zone.database_name}" for what in ("errors", "amcheck", "digests"))

    def looks(self, sight: Sight) -> Iterator[tuple[tuple[str, str], Look]]:
        errors, amcheck, digests = self.names(sight.estate)
        yield ("data", errors), lambda: self._said(sight, lambda seen, _: seen.errors)
        yield ("data", amcheck), lambda: self._said(sight, lambda seen, _: seen.damaged)
        yield ("data", digests), lambda: self._said(sight, data.wrong)

    def times(self, sight: Sight) -> Iterator[timedelta]:
        yield timedelta(0)
        yield self.every

    def _said(self, sight: Sight, bad: Callable[[DataChecked, DataChecked], tuple[str, ...]]) -> str:
        seen = data.try_check(sight, *sight.database_name)
        return "; ".join(bad(seen, sight.baseline)) if seen and sight.baseline else ""


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


def broken_replication(aws: Aws, replica: Database) -> str:
    """What RDS says of a replica that receives nothing any more; empty while it replicates."""
    found = aws.rds(replica.region).describe_db_instances(DBInstanceIdentifier=replica.identifier)["DBInstances"][0]
    links = found.get("StatusInfos", [])
    broken = [link for link in links if link.get("Status") != "replicating"]
    return broken[0].get("Message") or broken[0].get("Status", "no status") if broken else ""
