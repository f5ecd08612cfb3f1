"""What could be lost in the worst case by the ways in which data reaches the place that a recovery uses.

A drill names its ways in `exposures`; each is a frozen value here, whose `look` asks the AWS API and, where the API
does not know, the server itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Protocol

from botocore.exceptions import ClientError

from harness.aws import Aws
from harness.aws_rules.durations import REPLICATE_OBJECT
from harness.estate import Database, Role
from harness.facts import UNBOUNDED, Basis, ExposureSeen
from harness.probes.database import connected
from harness.probes.sight import Sight
from harness.wait import until

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch.type_defs import DatapointTypeDef

LAG_WINDOW = timedelta(minutes=10)
KNOWN_WITHIN = timedelta(seconds=30)


class Exposure(Protocol):
    """One way in which data reaches a place."""

    @property
    def role(self) -> Role:
        """The place."""
        ...

    def look(self, sight: Sight) -> Iterator[ExposureSeen]:
        """What could be lost by it. Raises NeverHappened, ClientError or psycopg.Error when that cannot be learnt."""
        ...


@dataclass(frozen=True, slots=True)
class ReplicaLag:
    """A read replica: as far as it is behind, and as far as it is told to stay behind."""

    role: Role

    def look(self, sight: Sight) -> Iterator[ExposureSeen]:
        replica = sight.estate.database(self.role)
        points = until(
            f"lag of {self.role} in CloudWatch",
            lambda: _lags(sight.aws, replica, sight.clock.wall()),
            within=KNOWN_WITHIN,
            clock=sight.clock,
        )
        yield _worst_lag(replica, points)
        yield _told_delay(sight, replica)


@dataclass(frozen=True, slots=True)
class SynchronousStandby:
    """A Multi-AZ instance: each commit waits for its standby, so nothing is exposed; all is where it has none."""

    role: Role

    def look(self, sight: Sight) -> Iterator[ExposureSeen]:
        database = sight.estate.database(self.role)
        described = sight.aws.rds(database.region).describe_db_instances(DBInstanceIdentifier=database.identifier)
        mechanism = f"standby of {database.identifier}"
        if described["DBInstances"][0].get("MultiAZ"):
            yield ExposureSeen(mechanism, timedelta(0), "Multi-AZ: a commit waits for the standby", basis=Basis.SETTING)
        else:
            yield ExposureSeen(mechanism, UNBOUNDED, "it has no standby", basis=Basis.SETTING)


@dataclass(frozen=True, slots=True)
class StaysInPlace:
    """A database that the disaster does not touch: no copy takes its place, so nothing of it can be lost on the way."""

    role: Role

    def look(self, sight: Sight) -> Iterator[ExposureSeen]:
        database = sight.estate.database(self.role)
        described = sight.aws.rds(database.region).describe_db_instances(DBInstanceIdentifier=database.identifier)
        status = described["DBInstances"][0].get("DBInstanceStatus", "")
        mechanism = f"{database.identifier} in its place"
        if status == "available":
            yield ExposureSeen(mechanism, timedelta(0), "nothing is recovered from a copy", basis=Basis.SETTING)
        else:
            yield ExposureSeen(mechanism, UNBOUNDED, f"it is {status}", basis=Basis.SETTING)


@dataclass(frozen=True, slots=True)
class ReplicatedObjects:
    """A bucket's copy in the other region: what S3 may not have replicated yet; all, where no rule is in force."""

    role: Role

    def look(self, sight: Sight) -> Iterator[ExposureSeen]:
        bucket = sight.estate.bucket(self.role)
        mechanism = f"replication of {bucket.name}"
        try:
            found = sight.aws.s3(bucket.region).get_bucket_replication(Bucket=bucket.name)
            rules = [rule for rule in found["ReplicationConfiguration"]["Rules"] if rule["Status"] == "Enabled"]
        except ClientError:
            rules = []
        if rules:
            yield ExposureSeen(mechanism, REPLICATE_OBJECT.worst, REPLICATE_OBJECT.source, basis=Basis.PUBLISHED)
        else:
            yield ExposureSeen(mechanism, UNBOUNDED, "no rule is in force", basis=Basis.SETTING)


def _lags(aws: Aws, replica: Database, now: datetime) -> list[DatapointTypeDef]:
    """The replica's lag of the last ten minutes, as CloudWatch holds it."""
    return aws.cloudwatch(replica.region).get_metric_statistics(
        Namespace="AWS/RDS",
        MetricName="ReplicaLag",
        Dimensions=[{"Name": "DBInstanceIdentifier", "Value": replica.identifier}],
        StartTime=now - LAG_WINDOW,
        EndTime=now + timedelta(minutes=1),
        Period=60,
        Statistics=["Maximum", "Minimum"],
    )["Datapoints"]


def _worst_lag(replica: Database, points: Sequence[DatapointTypeDef]) -> ExposureSeen:
    """RDS reports -1 when replication is not active: then all since it stopped is exposed, and nobody knows when."""
    mechanism = f"replication to {replica.identifier}"
    if min(point["Minimum"] for point in points) < 0:
        return ExposureSeen(mechanism, UNBOUNDED, "replication is not active", basis=Basis.MEASURED)
    worst = timedelta(seconds=max(point["Maximum"] for point in points))
    return ExposureSeen(mechanism, worst, f"worst ReplicaLag of {len(points)} datapoints", basis=Basis.MEASURED)


def _told_delay(sight: Sight, replica: Database) -> ExposureSeen:
    """By how much a replica is told to stay behind, as its own server says: the API has no word for it."""
    described = sight.aws.rds(replica.region).describe_db_instances(DBInstanceIdentifier=replica.identifier)
    endpoint = described["DBInstances"][0]["Endpoint"]
    with connected(sight.directory, endpoint["Address"], endpoint["Port"], sight.login) as session:
        row = session.execute("SELECT setting FROM pg_settings WHERE name = 'recovery_min_apply_delay'").fetchone()
    behind = timedelta(milliseconds=int(row[0]) if row else 0)
    return ExposureSeen(
        f"schedule of {replica.identifier}", behind, "its recovery_min_apply_delay", basis=Basis.SETTING
    )
