"""What could be lost by restoring backups: the archived log, automated snapshots, AWS Backup's recovery points."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from harness.aws_rules.durations import ARCHIVE_LOG, DAY
from harness.estate import Role
from harness.facts import UNBOUNDED, Basis, ExposureSeen
from harness.probes.restorable import arn_of
from harness.probes.schedules import pauses_of
from harness.probes.sight import Sight


@dataclass(frozen=True, slots=True)
class RestorableTime:
    """Restoring to a point in time: what the archived log does not hold yet, and what was written unsuspectingly.

    `role` is the place of what is restored, `source` whose log it is. The log is archived each five minutes, as RDS
    says; more when LatestRestorableTime is further back. Until a corruption is noticed (`noticed`) and somebody has
    decided what to do (`decided`), writes go on that the restore must leave behind.
    """

    role: Role
    source: Role
    noticed: timedelta = timedelta(0)
    decided: timedelta = timedelta(0)

    def look(self, sight: Sight) -> Iterator[ExposureSeen]:
        database = sight.estate.database(self.source)
        mechanism = f"archived log of {database.identifier}"
        described = sight.aws.rds(database.region).describe_db_instances(DBInstanceIdentifier=database.identifier)
        latest = described["DBInstances"][0].get("LatestRestorableTime")
        if latest is None:
            yield ExposureSeen(mechanism, UNBOUNDED, "it cannot be restored to any point in time", basis=Basis.SETTING)
        else:
            age = sight.clock.wall() - latest
            said = f"LatestRestorableTime {age.total_seconds():.1f} s ago; a log each {ARCHIVE_LOG}"
            basis = Basis.MEASURED if age > ARCHIVE_LOG else Basis.PUBLISHED
            yield ExposureSeen(mechanism, max(age, ARCHIVE_LOG), said, basis=basis)
        if unseen := self.noticed + self.decided:
            said = f"noticed within {self.noticed}, decided within {self.decided}"
            yield ExposureSeen(f"writes to a corrupt {database.identifier}", unseen, said, basis=Basis.SETTING)


@dataclass(frozen=True, slots=True)
class AutomatedSnapshots:
    """Restoring the latest automated snapshot: all since it, up to a day and the window in which it is begun.

    Where it may hold the corruption already, the one before it has to do, and that is a day older.
    """

    role: Role
    source: Role

    def look(self, sight: Sight) -> Iterator[ExposureSeen]:
        database = sight.estate.database(self.source)
        rds = sight.aws.rds(database.region)
        described = rds.describe_db_instances(DBInstanceIdentifier=database.identifier)["DBInstances"][0]
        mechanism, window = f"latest automated snapshot of {database.identifier}", described["PreferredBackupWindow"]
        if not described["BackupRetentionPeriod"]:
            yield ExposureSeen(mechanism, UNBOUNDED, "automated backups are turned off", basis=Basis.SETTING)
            return
        worst = DAY + length_of(window)
        yield ExposureSeen(mechanism, worst, f"one a day, begun at {window} UTC", basis=Basis.SETTING)
        before = f"automated snapshot of {database.identifier} before the latest, where that holds the corruption"
        said = "the latest may have been taken after the corruption"
        yield ExposureSeen(before, worst + DAY, said, basis=Basis.SETTING)


@dataclass(frozen=True, slots=True)
class ScheduledRecoveryPoints:
    """Restoring AWS Backup's latest recovery point: all since it, up to the longest pause of the plans' schedules."""

    role: Role
    source: Role

    def look(self, sight: Sight) -> Iterator[ExposureSeen]:
        database = sight.estate.database(self.source)
        mechanism = f"backup plan of {database.identifier}"
        backup, arn = sight.aws.backup(database.region), arn_of(sight.aws, database)
        found = backup.list_recovery_points_by_resource(ResourceArn=arn)["RecoveryPoints"]
        taken = [point["CreationDate"] for point in found if point["Status"] == "COMPLETED"]
        pauses = pauses_of(sight.aws, arn)
        if not taken or not pauses:
            said = "it has no recovery point, or no plan that makes another"
            yield ExposureSeen(mechanism, UNBOUNDED, said, basis=Basis.SETTING)
            return
        age = sight.clock.wall() - max(taken)
        said = f"one each {min(pauses)}, the latest {age.total_seconds() / 3600:.1f} h old"
        basis = Basis.MEASURED if age > min(pauses) else Basis.SETTING
        yield ExposureSeen(mechanism, max(age, min(pauses)), said, basis=basis)


def length_of(window: str) -> timedelta:
    """How long a window such as 23:30-00:30 lasts."""
    begin, end = (timedelta(hours=int(time[:2]), minutes=int(time[3:])) for time in window.split("-"))
    return (end - begin) % DAY
