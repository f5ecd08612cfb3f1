"""What could be lost of a cache in the worst case, by the way in which a recovery finds its data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from harness.aws_rules.durations import AUTOMATIC_SNAPSHOTS
from harness.estate import Role
from harness.facts import UNBOUNDED, Basis, ExposureSeen
from harness.probes.exposure import KNOWN_WITHIN, LAG_WINDOW
from harness.probes.sight import Sight
from harness.wait import until

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch.type_defs import DatapointTypeDef


@dataclass(frozen=True, slots=True)
class GlobalDatastoreLag:
    """The other region's group: as far as it is behind."""

    role: Role

    def look(self, sight: Sight) -> Iterator[ExposureSeen]:
        standby = sight.estate.cache(self.role)
        described = sight.aws.elasticache(standby.region).describe_replication_groups(
            ReplicationGroupId=standby.identifier
        )["ReplicationGroups"][0]
        store = described.get("GlobalReplicationGroupInfo", {}).get("GlobalReplicationGroupId", "")
        mechanism = f"replication to {standby.identifier}"
        if not store:
            yield ExposureSeen(mechanism, UNBOUNDED, "it is a member of no Global Datastore", basis=Basis.SETTING)
            return
        points = until(
            f"lag of {self.role} in CloudWatch",
            lambda: _lags(sight, standby.region, store),
            within=KNOWN_WITHIN,
            clock=sight.clock,
        )
        worst = timedelta(seconds=max(point["Maximum"] for point in points))
        yield ExposureSeen(
            mechanism, worst, f"worst GlobalDatastoreReplicationLag of {len(points)} datapoints", basis=Basis.MEASURED
        )


@dataclass(frozen=True, slots=True)
class NightlySnapshot:
    """A group made anew from the last automatic snapshot of the one in `of`: up to a day is not in it."""

    role: Role
    of: Role

    def look(self, sight: Sight) -> Iterator[ExposureSeen]:
        cache = sight.estate.cache(self.of)
        described = sight.aws.elasticache(cache.region).describe_replication_groups(
            ReplicationGroupId=cache.identifier
        )["ReplicationGroups"][0]
        mechanism, days = f"snapshots of {cache.identifier}", described.get("SnapshotRetentionLimit", 0)
        if days:
            yield ExposureSeen(
                mechanism, AUTOMATIC_SNAPSHOTS, f"one a day, kept for {days} days", basis=Basis.PUBLISHED
            )
        else:
            yield ExposureSeen(mechanism, UNBOUNDED, "no automatic snapshots are taken", basis=Basis.SETTING)


def _lags(sight: Sight, region: str, store: str) -> list[DatapointTypeDef]:
    now: datetime = sight.clock.wall()
    return sight.aws.cloudwatch(region).get_metric_statistics(
        Namespace="AWS/ElastiCache",
        MetricName="GlobalDatastoreReplicationLag",
        Dimensions=[{"Name": "GlobalReplicationGroupId", "Value": store}],
        StartTime=now - LAG_WINDOW,
        EndTime=now + timedelta(minutes=1),
        Period=60,
        Statistics=["Maximum"],
    )["Datapoints"]
