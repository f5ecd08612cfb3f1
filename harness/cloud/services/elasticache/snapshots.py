"""Snapshots of ElastiCache: files with what a group held, kept outside its nodes."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from harness.aws_rules.durations import AUTOMATIC_SNAPSHOTS, CACHE_SNAPSHOT
from harness.cloud.service import Answer, AwsError, Call, operation
from harness.cloud.services.elasticache.checks import check_available, check_handled, check_restorable
from harness.cloud.services.elasticache.desk import Desk
from harness.cloud.services.elasticache.shapes import shown_snapshot, snapshot_settings
from harness.cloud.services.elasticache.spoiling import SpoiledSnapshots
from harness.cloud.services.elasticache.state import CacheGroup, Snapshot
from harness.errors import DrillError
from harness.machines.disk import room


class SnapshotCalls:
    """The operations on snapshots, and the automatic ones."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    @operation("CreateSnapshot")
    def create(self, call: Call) -> Answer:
        params = call.params
        check_handled("CreateSnapshot", params, ("SnapshotName", "ReplicationGroupId", "CacheClusterId", "Tags"))
        with self._desk.caches.lock:
            group = self._addressed(call)
            check_available(group)
            self._check_new(call.region, params["SnapshotName"])
            return {"Snapshot": shown_snapshot(self.take(group, params["SnapshotName"], "manual"))}

    @operation("DescribeSnapshots")
    def describe(self, call: Call) -> Answer:
        params, caches = call.params, self._desk.caches
        with caches.lock:
            if name := params.get("SnapshotName"):
                caches.snapshot(call.region, name)
            found = [one for (region, _), one in caches.snapshots.items() if region == call.region]
            return {"Snapshots": [shown_snapshot(one) for one in found if _wanted(one, params)]}

    @operation("DeleteSnapshot")
    def delete(self, call: Call) -> Answer:
        with self._desk.caches.lock:
            snapshot = self._desk.caches.snapshot(call.region, call.params["SnapshotName"])
            if snapshot.status not in ("available", "failed"):
                check_restorable(snapshot)
            self._remove(snapshot)
            snapshot.status = "deleting"
            return {"Snapshot": shown_snapshot(snapshot)}

    @operation("CopySnapshot")
    def copy(self, call: Call) -> Answer:
        params, caches = call.params, self._desk.caches
        check_handled("CopySnapshot", params, ("SourceSnapshotName", "TargetSnapshotName", "Tags"))
        with caches.lock:
            source = caches.snapshot(call.region, params["SourceSnapshotName"])
            check_restorable(source)
            self._check_new(call.region, params["TargetSnapshotName"])
            made = self._new(source.group, params["TargetSnapshotName"], "manual", source.cluster)
            made.taken, made.shown = source.taken, source.shown

        def act() -> None:
            with room(made.file.parent):
                shutil.copyfile(source.file, made.file)
            made.status = "available"

        self._desk.world.pace.later(CACHE_SNAPSHOT.usual, f"copy of {source.name}", act)
        return {"Snapshot": shown_snapshot(made)}

    def take(self, group: CacheGroup, name: str, source: str) -> Snapshot:
        """Save what the group holds now; it is snapshotting until AWS would be done, and the snapshot creating."""
        desk = self._desk
        with desk.caches.lock:
            snapshot = self._new(group, name, source, group.clusters()[-1])
            group.status = "snapshotting"

        def save() -> None:
            try:
                snapshot.cluster = group.machine.save(snapshot.file).name
            except DrillError as error:
                snapshot.status = "failed"
                desk.events.note(group, "failure", f"Snapshot {name} failed: {error.message.splitlines()[0]}")
            desk.world.pace.later(CACHE_SNAPSHOT.usual, f"snapshot {name}", finish)

        def finish() -> None:
            with desk.caches.lock:
                if snapshot.status == "creating":
                    snapshot.status = "available"
                if group.status == "snapshotting":
                    group.status = "available"
            desk.events.note(group, "backup", f"Snapshot {name} is {snapshot.status}")
            self._retire(group)

        desk.world.pace.behind(f"snapshot {name}", save)
        return snapshot

    def take_automatic(self, group: CacheGroup) -> Snapshot:
        """What ElastiCache does once a day where the retention is not 0; it keeps as many as the days."""
        name = f"automatic.{group.identifier}-{datetime.now(UTC):%Y-%m-%d-%H-%M-%S-%f}"
        return self.take(group, name, "automated")

    def schedule(self, group: CacheGroup) -> None:
        """Take one automatic snapshot a day, at the drill's pace, for as long as the group is there."""

        def act() -> None:
            if group not in tuple(self._desk.caches):
                return
            if group.retention and group.status == "available":
                self.take_automatic(group)
            self.schedule(group)

        if self._desk.world.pace.factor:
            self._desk.world.pace.later(AUTOMATIC_SNAPSHOTS, f"automatic snapshot of {group.identifier}", act)

    def provide(self, group: CacheGroup) -> None:
        """Give the group's machine what takes and what spoils its snapshots."""
        group.machine.nightly = lambda: self.take_automatic(group)
        group.machine.backups = self._spoiling(group)

    def _spoiling(self, group: CacheGroup) -> SpoiledSnapshots:
        def files() -> list[Path]:
            own = [one for one in self._desk.caches.snapshots.values() if one.group is group]
            return [one.file for one in own if one.status == "available"]

        return SpoiledSnapshots(files, lambda: self._desk.foundry.node("snapshot-scratch", group.region))

    def _new(self, group: CacheGroup, name: str, source: str, cluster: str) -> Snapshot:
        folder = self._desk.world.workspace.folder("cache-snapshots")
        made = Snapshot(
            name=name,
            region=group.region,
            arn=self._desk.foundry.arn(group.region, "snapshot", name),
            file=folder / f"{group.region}-{name}.rdb",
            source=source,
            taken=datetime.now(UTC),
            group=group,
            shown=snapshot_settings(group, cluster),
            cluster=cluster,
        )
        self._desk.caches.snapshots[group.region, name] = made
        return made

    def _retire(self, group: CacheGroup) -> None:
        with self._desk.caches.lock:
            own = [one for one in self._desk.caches.snapshots.values() if one.group is group]
            automatic = [one for one in own if one.source == "automated" and one.status == "available"]
            for old in automatic[: len(automatic) - group.retention]:
                self._remove(old)

    def _remove(self, snapshot: Snapshot) -> None:
        del self._desk.caches.snapshots[snapshot.region, snapshot.name]
        snapshot.file.unlink(missing_ok=True)

    def _check_new(self, region: str, name: str) -> None:
        if (region, name) in self._desk.caches.snapshots:
            raise AwsError("SnapshotAlreadyExistsFault", f"Snapshot {name} already exists.")

    def _addressed(self, call: Call) -> CacheGroup:
        if cluster := call.params.get("CacheClusterId"):
            return self._desk.caches.group_of_cluster(call.region, cluster)
        if name := call.params.get("ReplicationGroupId"):
            return self._desk.caches.group(call.region, name)
        message = "Either ReplicationGroupId or CacheClusterId must be provided."
        raise AwsError("InvalidParameterCombination", message)


def _wanted(snapshot: Snapshot, params: Mapping[str, Any]) -> bool:
    """By name, group, node and source ("user" and "system" are the API's words for manual and automated)."""
    source = {"user": "manual", "system": "automated"}.get(params.get("SnapshotSource", ""), snapshot.source)
    return (
        params.get("SnapshotName", snapshot.name) == snapshot.name
        and params.get("ReplicationGroupId", snapshot.group.identifier) == snapshot.group.identifier
        and params.get("CacheClusterId", snapshot.cluster) == snapshot.cluster
        and source == snapshot.source
    )
