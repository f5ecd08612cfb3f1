"""RDS makes new instances of backups: a snapshot as it is, or the archived log replayed up to a moment."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from harness.aws_rules.durations import RESTORE_POINT_IN_TIME, RESTORE_SNAPSHOT
from harness.cloud.service import Answer, AwsError, Call, World, operation
from harness.cloud.services.ec2 import Ec2
from harness.cloud.services.rds import checks
from harness.cloud.services.rds.automated_state import AutomatedBackup
from harness.cloud.services.rds.backups import Backups
from harness.cloud.services.rds.groups import DEFAULT_PARAMETERS, DEFAULT_SUBNETS, GroupCalls
from harness.cloud.services.rds.restoring import Content, Order, Restoring
from harness.cloud.services.rds.shapes import shown_instance
from harness.cloud.services.rds.snapshot_state import Portrait, Snapshots
from harness.cloud.services.rds.state import Instances
from harness.cloud.services.rds.words import new_identifier, tags_of
from harness.estate import Database
from harness.machines.archive import Replay

_FOLLOWED = frozenset(
    {
        "DBInstanceIdentifier", "TargetDBInstanceIdentifier", "DBSnapshotIdentifier", "SourceDBInstanceIdentifier",
        "SourceDbiResourceId", "SourceDBInstanceAutomatedBackupsArn", "RestoreTime", "UseLatestRestorableTime",
        "DBInstanceClass", "DBSubnetGroupName", "MultiAZ", "PubliclyAccessible", "AutoMinorVersionUpgrade",
        "LicenseModel", "Engine", "Tags", "StorageType", "VpcSecurityGroupIds", "CopyTagsToSnapshot",
        "DBParameterGroupName", "DeletionProtection", "AllocatedStorage", "BackupRetentionPeriod",
        "PreferredBackupWindow", "BackupTarget",
    }
)  # fmt: skip


class RestoreCalls:
    """The two restore operations of DB instances."""

    def __init__(
        self, world: World, instances: Instances, backups: Backups, groups: GroupCalls, restoring: Restoring
    ) -> None:
        self._world = world
        self._instances = instances
        self._backups = backups
        self._snapshots: Snapshots = backups.snapshots
        self._groups = groups
        self._restoring = restoring

    @operation("RestoreDBInstanceFromDBSnapshot")
    def from_snapshot(self, call: Call) -> Answer:
        name = new_identifier(call.params, "DBInstanceIdentifier")
        if "DBSnapshotIdentifier" not in call.params:
            raise AwsError(
                "InvalidParameterCombination", "DBSnapshotIdentifier must be given to restore a DB instance."
            )
        snapshot = self._snapshots.find(call.region, call.params["DBSnapshotIdentifier"])
        if snapshot.region != call.region:
            raise AwsError("DBSnapshotNotFound", f"DBSnapshot {snapshot.arn} not found in {call.region}.", 404)
        if snapshot.status != "available" or snapshot.backup is None:
            raise AwsError("InvalidDBSnapshotState", f"The snapshot {snapshot.identifier} is not available.")
        said = f"Restored from snapshot {snapshot.identifier}"
        return self._made(name, call, Content(snapshot.portrait, snapshot.backup, None, said, RESTORE_SNAPSHOT))

    @operation("RestoreDBInstanceToPointInTime")
    def to_point_in_time(self, call: Call) -> Answer:
        params = call.params
        name = new_identifier(params, "TargetDBInstanceIdentifier")
        kept = self._source(call)
        latest_wanted, moment = params.get("UseLatestRestorableTime", False), params.get("RestoreTime")
        if latest_wanted and moment:
            raise AwsError(
                "InvalidParameterCombination", "RestoreTime and UseLatestRestorableTime cannot be given together."
            )
        if not latest_wanted and not moment:
            raise AwsError("InvalidParameterCombination", "Give either RestoreTime or UseLatestRestorableTime.")
        said = f"Restored from DB instance {kept.instance.identifier} to {name}"
        return self._made(name, call, _content(kept, moment, said))

    def _source(self, call: Call) -> AutomatedBackup:
        """The automated backups that the call names. Raises AwsError, also when there are none to restore from."""
        params = call.params
        found = None
        if name := params.get("SourceDBInstanceIdentifier"):
            found = self._backups.of(self._instances.find(call.region, name))
        for kept in self._backups:
            asked = (params.get("SourceDbiResourceId"), params.get("SourceDBInstanceAutomatedBackupsArn"))
            if kept.instance.region == call.region and (kept.instance.resource_id in asked or kept.arn in asked):
                found = kept
        if found is None:
            raise AwsError("DBInstanceAutomatedBackupNotFound", "There is no such automated backup.", 404)
        if not found.is_on():
            raise AwsError(
                "PointInTimeRestoreNotEnabled",
                f"Point in time restore is not enabled for instance {found.instance.identifier}: its backup retention "
                "period is 0.",
            )
        return found

    def _made(self, name: str, call: Call, content: Content) -> Answer:
        order = self._order(name, call, content)
        return {"DBInstance": shown_instance(self._restoring.begin(order))}

    def _order(self, name: str, call: Call, content: Content) -> Order:
        params, region, portrait = call.params, call.region, content.portrait
        if params.get("MultiAZ") and params.get("AvailabilityZone"):
            raise AwsError("InvalidParameterCombination", "A Multi-AZ instance cannot have an AvailabilityZone.")
        if unknown := set(params) - _FOLLOWED:
            what = f"rds {call.operation} with {', '.join(sorted(unknown))}"
            raise AwsError("NotImplemented", f"the embedded cloud does not implement {what}", 501)
        checks.check_retention(params)
        parameters = params.get("DBParameterGroupName", DEFAULT_PARAMETERS)
        self._groups.check_parameters(region, parameters)
        subnets = params.get("DBSubnetGroupName", DEFAULT_SUBNETS)
        self._groups.check_subnets(region, subnets)
        ec2 = self._world.neighbour(Ec2)
        groups = list(params.get("VpcSecurityGroupIds") or [ec2.default_group(region)])
        ec2.check_known(region, groups)
        return Order(
            database=_database(name, region, portrait, params),
            content=content,
            groups=groups,
            parameter_group=parameters.lower(),
            subnet_group=subnets.lower(),
            multi_az=bool(params.get("MultiAZ")),
            # "Default: Uses existing setting" (API reference of both operations)
            retention=params.get("BackupRetentionPeriod", portrait.retention),
            window=params.get("PreferredBackupWindow", portrait.window),
            deletion_protection=bool(params.get("DeletionProtection")),
            tags=tags_of(params),
        )


def _content(kept: AutomatedBackup, moment: datetime | None, said: str) -> Content:
    """What the log is replayed from and up to. Raises InvalidParameterValue for a time that cannot be restored.

    A moment after the last commit that is archived does not exist yet: AWS wants it before LatestRestorableTime.
    """
    latest, earliest = kept.latest(), kept.earliest()
    if earliest is None:
        raise AwsError("InvalidDBInstanceState", f"{kept.instance.identifier} has no automated backup yet.")
    end = latest.at if latest else earliest
    asked = moment.astimezone(UTC) if moment else end
    if not earliest <= asked <= end:
        raise AwsError(
            "InvalidParameterValue",
            f"The specified time {asked.isoformat()} is not within the restorable window of "
            f"{kept.instance.identifier}: {earliest.isoformat()} to {end.isoformat()}.",
        )
    backup = kept.base_for(asked)
    assert backup, "the window begins with the first base backup"
    if latest is None:
        replay = None
    elif asked == end:
        replay = Replay(kept.archive.folder, commit=latest)
    else:
        replay = Replay(kept.archive.folder, moment=asked)
    portrait = kept.portrait if kept.retained else Portrait.of(kept.instance)
    return Content(portrait, backup, replay, said, RESTORE_POINT_IN_TIME)


def _database(name: str, region: str, portrait: Portrait, params: Mapping[str, Any]) -> Database:
    changes = {
        "identifier": name,
        "region": region,
        "source": None,
        "multi_az": False,
        "instance_class": params.get("DBInstanceClass", portrait.database.instance_class),
        "allocated_gib": params.get("AllocatedStorage", portrait.database.allocated_gib),
    }
    return portrait.database.model_copy(update=changes)
