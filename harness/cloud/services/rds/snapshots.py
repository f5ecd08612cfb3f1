"""RDS's operations on DB snapshots: create, describe, copy, also from another region, and delete."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from harness.aws_rules.durations import COPY_SNAPSHOT
from harness.cloud.history import Events
from harness.cloud.service import Answer, AwsError, Call, World, operation
from harness.cloud.services.rds.backups import Backups
from harness.cloud.services.rds.keys import Keys
from harness.cloud.services.rds.snapshot_state import DbSnapshot, Portrait, Snapshots, snapshot_arn
from harness.cloud.services.rds.state import DbInstance, Instances
from harness.cloud.services.rds.words import kept_by_filters, new_identifier, page, tags_of
from harness.errors import DrillError

_KINDS = ("automated", "manual", "awsbackup", "shared", "public")
_USUAL = ("automated", "manual")
_FILTERS: dict[str, Callable[[DbSnapshot], Iterable[str]]] = {
    "db-instance-id": lambda one: (
        one.portrait.database.identifier,
        one.arn.split(":snapshot:")[0] + ":db:" + one.portrait.database.identifier,
    ),
    "db-snapshot-id": lambda one: (one.identifier,),
    "dbi-resource-id": lambda one: (one.portrait.resource_id,),
    "snapshot-type": lambda one: (one.kind,),
    "engine": lambda one: ("postgres",),
}


class SnapshotCalls:
    """Manual snapshots are made here; automated ones by Backups."""

    def __init__(self, world: World, instances: Instances, backups: Backups, events: Events[DbInstance]) -> None:
        self._world = world
        self._instances = instances
        self._backups = backups
        self._snapshots: Snapshots = backups.snapshots
        self._keys = Keys(world)
        self._events = events

    @operation("CreateDBSnapshot")
    def create(self, call: Call) -> Answer:
        name = new_identifier(call.params, "DBSnapshotIdentifier", longest=255)
        with self._instances.lock:
            instance = self._instances.find(call.region, call.params["DBInstanceIdentifier"])
            return {"DBSnapshot": self.take(instance, name, tags=tags_of(call.params)).shown()}

    def take(
        self,
        instance: DbInstance,
        name: str,
        *,
        kind: str = "manual",
        tags: dict[str, str],
        then: Callable[[], None] = lambda: None,
    ) -> DbSnapshot:
        """Begin a snapshot of an instance, which is backing-up until it is there; `then` follows. Raises AwsError."""
        snapshot = DbSnapshot(name, snapshot_arn(instance, name), instance.region, kind, Portrait.of(instance), tags)
        with self._instances.lock:
            if instance.status != "available":
                raise AwsError(
                    "InvalidDBInstanceState",
                    f"Cannot create a snapshot because the database instance {instance.identifier} is not currently in "
                    "the available state.",
                )
            self._snapshots.add(snapshot)
            instance.status = "backing-up"

        def done() -> None:
            with self._instances.lock:
                if instance.status == "backing-up":
                    instance.status = "available"
            then()

        self._backups.take(instance, snapshot, then=done)
        return snapshot

    @operation("DescribeDBSnapshots")
    def describe(self, call: Call) -> Answer:
        params = call.params
        kind = params.get("SnapshotType")
        if kind and kind not in _KINDS:
            raise AwsError("InvalidParameterValue", f"Invalid snapshot type: {kind}")
        if name := params.get("DBSnapshotIdentifier"):
            found = [self._snapshots.find(call.region, name)]
        else:
            found = [one for one in self._snapshots if (one.region == call.region and kind) or one.kind in _USUAL]
        found = [one for one in found if one.region == call.region and kind in (None, one.kind)]
        if source := params.get("DBInstanceIdentifier"):
            found = [one for one in found if source.lower() in _FILTERS["db-instance-id"](one)]
        if resource := params.get("DbiResourceId"):
            found = [one for one in found if one.portrait.resource_id == resource]
        found = kept_by_filters(found, call, _FILTERS)
        shown, marker = page(found, call, lambda one: one.identifier)
        with self._snapshots.lock:
            return {"DBSnapshots": [one.shown() for one in shown], **marker}

    @operation("DeleteDBSnapshot")
    def delete(self, call: Call) -> Answer:
        with self._snapshots.lock:
            snapshot = self._snapshots.find(call.region, call.params["DBSnapshotIdentifier"])
            if snapshot.kind != "manual":
                raise AwsError("InvalidDBSnapshotState", "Only manual snapshots can be deleted.")
            if snapshot.status not in ("available", "failed"):
                raise AwsError("InvalidDBSnapshotState", "Cannot delete the snapshot because it is not available.")
            shown = snapshot.shown() | {"Status": "deleted"}  # before its files go: their size is told
            self.remove(snapshot)
        return {"DBSnapshot": shown}

    def remove(self, snapshot: DbSnapshot) -> None:
        """Delete a snapshot and what it holds, whatever its kind."""
        with self._snapshots.lock:
            self._snapshots.remove(snapshot)
            snapshot.status = "deleted"
        if snapshot.backup:
            self._world.pace.behind(f"deletion of {snapshot.identifier}", snapshot.backup.remove)

    @operation("CopyDBSnapshot")
    def copy(self, call: Call) -> Answer:
        """Called in the region where the copy is to be; a snapshot of another region is named by its ARN."""
        params = call.params
        name = new_identifier(params, "TargetDBSnapshotIdentifier", longest=255)
        source = self._snapshots.find(call.region, params["SourceDBSnapshotIdentifier"])
        tags = tags_of(params) or (dict(source.tags) if params.get("CopyTags") else {})
        return {"DBSnapshot": self.begin_copy(source, call.region, name, key=params.get("KmsKeyId"), tags=tags).shown()}

    def begin_copy(
        self,
        source: DbSnapshot,
        region: str,
        name: str,
        *,
        kind: str = "manual",
        key: str | None = None,
        tags: dict[str, str],
        then: Callable[[], None] = lambda: None,
    ) -> DbSnapshot:
        """Begin to copy a snapshot into a region, with a key of that region; `then` follows. Raises AwsError."""
        if source.status != "available":
            raise AwsError("InvalidDBSnapshotState", f"The snapshot {source.identifier} is not available.")
        if source.portrait.kms_key and source.region != region and not key:
            raise AwsError(
                "InvalidParameterCombination",
                "To copy an encrypted snapshot to another region, KmsKeyId must name a key of that region.",
            )
        arn = f"arn:aws:rds:{region}:{self._world.estate.account_id}:snapshot:{name}"
        kms_key = self._keys.arn(region, key) if key else source.portrait.kms_key
        portrait = dataclasses.replace(source.portrait, kms_key=kms_key)
        made = DbSnapshot(name, arn, region, kind, portrait, tags, copy_of=source)
        self._snapshots.add(made)
        self._world.pace.behind(f"copy of {source.identifier}", lambda: self._fill(made, source, then))
        return made

    def _fill(self, made: DbSnapshot, source: DbSnapshot, then: Callable[[], None]) -> None:
        began = datetime.now(UTC)
        status = "available"
        try:
            assert source.backup
            made.backup = self._backups.new_copy(source.backup)
        except DrillError:
            status = "failed"

        def show() -> None:
            with self._snapshots.lock:
                made.status, made.percent = status, 100 if made.backup else 0
                made.taken, made.first_taken = began, source.first_taken
            then()

        self._world.pace.later(COPY_SNAPSHOT.usual, f"copy {made.identifier}", show)
