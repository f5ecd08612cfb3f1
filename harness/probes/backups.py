"""The witness of backups: are there recent ones of each asset in both regions, and is what they restore right?

It asks the API and the restored servers themselves, and goes by nothing that the procedure says.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import psycopg
from botocore.exceptions import ClientError

from harness.dial import NameNotFound
from harness.errors import NeverHappened
from harness.estate import Bucket, Estate, Role, Vault
from harness.facts import Probed
from harness.probes import recovery_points
from harness.probes.copies import differences
from harness.probes.live import UNTOUCHED, live, untouched
from harness.probes.restorable import arn_of
from harness.probes.schedules import pauses_of
from harness.probes.sight import Sight
from harness.probes.smoke import smoke
from harness.probes.witness import checked
from harness.wait import until

if TYPE_CHECKING:
    from mypy_boto3_backup.type_defs import RecoveryPointByBackupVaultTypeDef, RestoreJobsListMemberTypeDef

LATEST, OLDER = "restore of the latest recovery point", "restore of an older recovery point"
REMOVED = "restored copies removed"
WINDOW = timedelta(hours=2)
"""Beyond the schedule: what a backup job and its copy may take until there is a recovery point."""
_OVER = frozenset({"COMPLETED", "ABORTED", "FAILED"})
"""How a restore job ends."""
_ANSWERS = timedelta(seconds=1)
_ON_ITS_WAY = timedelta(minutes=15)
"""An object may take as long to be replicated (S3 User Guide, Replication Time Control)."""


@dataclass(frozen=True, slots=True)
class BackupsAreGood:
    """Recovery points of a database in every vault, copies of every bucket, and what restores of them hold."""

    database: Role = Role.PRIMARY_DATABASE

    def checks(self, estate: Estate) -> tuple[str, ...]:
        vaults = [recent_in(vault) for vault in estate.vaults]
        buckets = [copied(bucket) for bucket in estate.buckets if bucket.replicates_to]
        return (*vaults, *buckets, LATEST, OLDER, REMOVED, UNTOUCHED)

    def begin(self, sight: Sight) -> WatchingBackups:
        return WatchingBackups(self.database, sight)


def recent_in(vault: Vault) -> str:
    return f"recent recovery point in {vault.name}"


def copied(bucket: Bucket) -> str:
    return f"copy of {bucket.name}"


class WatchingBackups:
    """What was there at the beginning is remembered."""

    def __init__(self, database: Role, sight: Sight) -> None:
        self._database = sight.estate.database(database)
        self._sight = sight
        self._regions = (sight.estate.regions.primary, sight.estate.regions.dr)
        self._jobs = {job["RestoreJobId"] for job in self._restores()}
        self._before = self._live()
        self._seen: set[str] = set()

    def is_hurt(self) -> bool:
        return self._live() != self._before

    def after_step(self, step: str) -> Iterator[Probed]:
        """Look at each copy that is new and has not been looked at; a restore that failed has made no good one."""
        for job in self._restores():
            new = job["RestoreJobId"] not in self._jobs and job["RestoreJobId"] not in self._seen
            if new and job["Status"] in _OVER:
                self._seen.add(job["RestoreJobId"])
                yield self._restored(job)

    def at_the_end(self) -> Iterator[Probed]:
        for vault in self._sight.estate.vaults:
            yield self._recent(vault)
        for bucket in self._sight.estate.buckets:
            if bucket.replicates_to:
                yield self._copied(bucket, self._sight.estate.bucket(bucket.replicates_to))
        now = self._live()
        left = sorted(name for name in now.keys() - self._before.keys() if name.startswith("arn:aws:rds:"))
        yield checked(REMOVED, not left, f"left: {', '.join(left)}" if left else "none is left")
        yield untouched(self._before, now)

    def _recent(self, vault: Vault) -> Probed:
        """The newest usable recovery point is no older than the schedule lets it be."""
        points = self._points(vault)
        if not points:
            return checked(recent_in(vault), False, "there is none that is completed")
        age = self._sight.clock.wall() - max(point["CreationDate"] for point in points)
        promised = self._pause() + WINDOW
        said = f"{len(points)}, the newest {timedelta(seconds=round(age.total_seconds()))} old, at most {promised}"
        return checked(recent_in(vault), age <= promised, said)

    def _pause(self) -> timedelta:
        """The longest time between two runs of the plans that protect it; none where no plan does."""
        return min(pauses_of(self._sight.aws, arn_of(self._sight.aws, self._database)), default=timedelta(0))

    def _copied(self, bucket: Bucket, copy: Bucket) -> Probed:
        """The bucket in the other region holds every object of this one, by checksum."""
        within = _ON_ITS_WAY * self._sight.directory.pace + _ANSWERS
        with suppress(NeverHappened):
            until(copied(bucket), lambda: not self._missing(bucket, copy), within=within, clock=self._sight.clock)
        here, wrong = self._objects(bucket), self._missing(bucket, copy)
        said = f"{len(wrong)} of {len(here)} objects missing or other: {', '.join(wrong[:3])}" if wrong else ""
        return checked(copied(bucket), bool(here) and not wrong, said or f"{len(here)} objects by checksum")

    def _missing(self, bucket: Bucket, copy: Bucket) -> list[str]:
        there = self._objects(copy)
        return sorted(key for key, tag in self._objects(bucket).items() if there.get(key) != tag)

    def _objects(self, bucket: Bucket) -> dict[str, str]:
        """Every object's checksum, by key."""
        pages = self._sight.aws.s3(bucket.region).get_paginator("list_objects_v2").paginate(Bucket=bucket.name)
        try:
            return {one["Key"]: one["ETag"] for page in pages for one in page.get("Contents", ())}
        except ClientError:
            return {}

    def _restored(self, job: RestoreJobsListMemberTypeDef) -> Probed:
        """What one copy holds; it is of the moment at which its recovery point was begun."""
        arn, moment = job.get("CreatedResourceArn", ""), job["RecoveryPointCreationDate"]
        check = LATEST if self._is_latest(job["RecoveryPointArn"], moment) else OLDER
        if job["Status"] != "COMPLETED":
            return checked(check, False, job.get("StatusMessage") or f"the restore is {job['Status']}")
        region, name = arn.split(":")[3], arn.rsplit(":", 1)[1]
        found = self._sight.aws.rds(region).describe_db_instances(DBInstanceIdentifier=name)["DBInstances"][0]
        endpoint = found["Endpoint"]["Address"], found["Endpoint"]["Port"]
        try:
            wrong, said = differences(self._sight, self._sight.database_name, endpoint, moment)
        except (psycopg.Error, NameNotFound) as error:
            return checked(check, False, str(error).splitlines()[0])
        wrong += smoke(self._sight, region, endpoint)[0]
        return checked(check, not wrong, "; ".join(wrong) or said)

    def _is_latest(self, arn: str, moment: datetime) -> bool:
        vaults = [vault for vault in self._sight.estate.vaults if vault.region == self._database.region]
        times = [point["CreationDate"] for vault in vaults for point in self._points(vault)]
        return bool(times) and moment >= max(times) and arn.split(":")[3] == self._database.region

    def _points(self, vault: Vault) -> list[RecoveryPointByBackupVaultTypeDef]:
        return recovery_points.completed(self._sight.aws, vault, self._database)

    def _restores(self) -> list[RestoreJobsListMemberTypeDef]:
        return recovery_points.restores(self._sight.aws, *self._regions)

    def _live(self) -> dict[str, str]:
        return live(self._sight.aws, self._sight.estate)
