"""Backups of instances: snapshots as they are taken, and the automated ones with the archived log between them.

They are kept apart from the instance's storage, so that a lost instance can be restored from them.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from harness.aws_rules.durations import CREATE_SNAPSHOT, DAY
from harness.cloud.history import Events
from harness.cloud.service import World
from harness.cloud.services.rds.automated_state import AutomatedBackup
from harness.cloud.services.rds.foundry import Foundry
from harness.cloud.services.rds.snapshot_state import DbSnapshot, Portrait, Snapshots, snapshot_arn
from harness.cloud.services.rds.state import DbInstance
from harness.errors import DrillError
from harness.machines.archive import Archive
from harness.machines.backup import BaseBackup

_SHORTEST_DAY = timedelta(seconds=30)


class Backups:
    """Takes backups behind the API, for real, and shows them when RDS would have them."""

    def __init__(self, world: World, snapshots: Snapshots, foundry: Foundry, events: Events[DbInstance]) -> None:
        self.snapshots = snapshots
        self._world = world
        self._foundry = foundry
        self._events = events
        self._lock = threading.Lock()
        self._numbers = itertools.count(1)
        self._automated: dict[str, AutomatedBackup] = {}

    def __iter__(self) -> Iterator[AutomatedBackup]:
        with self._lock:
            return iter(tuple(self._automated.values()))

    def of(self, instance: DbInstance) -> AutomatedBackup:
        """The automated backups of an instance, whether it has any or not."""
        with self._lock:
            if instance.resource_id not in self._automated:
                archive = Archive(instance.machine.server.archive, self._foundry.programs, self._world.spawner)
                self._automated[instance.resource_id] = AutomatedBackup(instance, archive, Portrait.of(instance))
            return self._automated[instance.resource_id]

    def latest_restorable(self, instance: DbInstance) -> datetime | None:
        """LatestRestorableTime: when the last archived commit was made, or the first backup if there was none since."""
        if not instance.backup_retention or instance.source is not None:
            return None
        kept = self.of(instance)
        latest = kept.latest()
        return latest.at if latest else kept.earliest()

    def found(self, instance: DbInstance) -> None:
        """Begin with an instance of the estate: it still is the seed that it was made from, so nothing is copied."""
        if instance.backup_retention and instance.source is None:
            snapshot = self._automated_snapshot(instance, instance.created)
            backup = self._foundry.seed(self._folder())
            self._keep(instance, instance.created, backup)
            self._show(snapshot, instance.created, backup)
            self._daily(instance)

    def found_snapshot(self, instance: DbInstance, name: str, kind: str, taken: datetime) -> DbSnapshot:
        """A snapshot from before the estate was raised: the seed, as the instance was made from it."""
        snapshot = DbSnapshot(name, snapshot_arn(instance, name), instance.region, kind, Portrait.of(instance))
        backup = self._foundry.seed(self._folder())
        instance.machine.backups.append(backup)
        self.snapshots.add(snapshot)
        self._show(snapshot, taken, backup)
        return snapshot

    def found_copy(self, source: DbSnapshot, region: str, taken: datetime) -> DbSnapshot:
        """The copy of such a snapshot in another region."""
        arn = source.arn.replace(f":{source.region}:", f":{region}:")
        copy = DbSnapshot(source.identifier, arn, region, source.kind, source.portrait, copy_of=source)
        self.snapshots.add(copy)
        self._show(copy, taken, self._foundry.seed(self._folder()))
        copy.first_taken = source.first_taken
        return copy

    def take(
        self, instance: DbInstance, snapshot: DbSnapshot, *, takes: timedelta = CREATE_SNAPSHOT.usual,
        then: Callable[[], None] = lambda: None,
    ) -> None:  # fmt: skip
        """Fill a new snapshot: copied at once, shown as available when RDS would be done; `then` follows."""
        done = threading.Event()

        def copy() -> None:
            try:
                self._copy(instance, snapshot)
            except DrillError as error:
                self._failed(instance, snapshot, error)
            finally:
                done.set()

        def finish() -> None:
            done.wait()
            if snapshot.backup and snapshot.first_taken:
                self._show(snapshot, snapshot.first_taken, snapshot.backup)
                self._events.note(instance, "backup", "Finished DB Instance backup")
            then()

        self._events.note(instance, "backup", "Backing up DB instance")
        self._world.pace.behind(f"copy of {instance.identifier}", copy)
        self._world.pace.later(takes, f"snapshot {snapshot.identifier}", finish)

    def begin(self, instance: DbInstance) -> None:
        """Take the first automated backup of an instance that has just got a retention period."""
        if instance.backup_retention and instance.source is None:
            self.take(instance, self._automated_snapshot(instance, datetime.now(UTC)))
            self._daily(instance)

    def begin_now(self, instance: DbInstance) -> None:
        """The same, finished when it returns, but for the states. Raises MachineFailed, DiskFull."""
        if instance.backup_retention:
            snapshot = self._automated_snapshot(instance, datetime.now(UTC))
            self._copy(instance, snapshot)
            assert snapshot.backup
            assert snapshot.first_taken
            self._show(snapshot, snapshot.first_taken, snapshot.backup)
            self._daily(instance)

    def forget(self, instance: DbInstance, *, retain: bool) -> None:
        """Its instance is being deleted: its automated snapshots go, unless they are to be retained for PITR."""
        kept = self.of(instance)
        kept.portrait, kept.retained = Portrait.of(instance), retain
        gone = [
            one
            for one in self.snapshots
            if one.kind == "automated" and one.portrait.resource_id == kept.portrait.resource_id
        ]
        for snapshot in gone:
            self.snapshots.remove(snapshot)
        if not retain:
            with self._lock:
                self._automated.pop(instance.resource_id, None)
            for _, base in kept.bases:
                base.remove()

    def new_copy(self, source: BaseBackup) -> BaseBackup:
        """A backup a second time. Raises DiskFull, MachineFailed."""
        return source.copied(self._folder())

    def _copy(self, instance: DbInstance, snapshot: DbSnapshot) -> None:
        began = datetime.now(UTC)
        backup = self._foundry.copier.back_up(instance.machine.server, self._folder())
        with self.snapshots.lock:
            snapshot.backup, snapshot.first_taken = backup, began
        if snapshot.kind == "automated":
            self._keep(instance, datetime.now(UTC), backup)
        else:
            instance.machine.backups.append(backup)

    def _keep(self, instance: DbInstance, taken: datetime, backup: BaseBackup) -> None:
        self.of(instance).bases.append((taken, backup))
        instance.machine.backups.append(backup)

    def _show(self, snapshot: DbSnapshot, taken: datetime, backup: BaseBackup) -> None:
        with self.snapshots.lock:
            snapshot.backup, snapshot.taken, snapshot.first_taken = backup, taken, taken
            snapshot.status, snapshot.percent = "available", 100

    def _failed(self, instance: DbInstance, snapshot: DbSnapshot, error: DrillError) -> None:
        with self.snapshots.lock:
            snapshot.status = "failed"
        self._events.note(instance, "failure", f"The backup failed: {error.message.splitlines()[0]}")

    def _automated_snapshot(self, instance: DbInstance, at: datetime) -> DbSnapshot:
        """A new automated snapshot; RDS names it by the minute."""
        with self.snapshots.lock:
            taken = {snapshot.arn for snapshot in self.snapshots}
            for minute in itertools.count():
                name = f"rds:{instance.identifier}-{at + timedelta(minutes=minute):%Y-%m-%d-%H-%M}"
                if (arn := snapshot_arn(instance, name)) not in taken:
                    break
            snapshot = DbSnapshot(name, arn, instance.region, "automated", Portrait.of(instance))
            self.snapshots.add(snapshot)
        return snapshot

    def _daily(self, instance: DbInstance) -> None:
        """One automated snapshot each day of AWS's time, as many as the retention period has days."""

        kept = self.of(instance)
        if kept.scheduled:
            return
        kept.scheduled = True

        def next_day() -> None:
            kept.scheduled = False
            if kept.retained or not instance.backup_retention:
                return
            if instance.status == "available":
                self.take(instance, self._automated_snapshot(instance, datetime.now(UTC)))
                self._expire(instance)
            self._daily(instance)

        what = f"daily backup of {instance.identifier}"
        self._world.pace.later(DAY, what, next_day, at_least=_SHORTEST_DAY)

    def _expire(self, instance: DbInstance) -> None:
        """Drop the automated snapshots that are older than the retention period; the first base backup stays."""
        mine = [
            one
            for one in self.snapshots
            if one.kind == "automated" and one.portrait.resource_id == instance.resource_id
        ]
        for snapshot in mine[: -instance.backup_retention - 1]:
            self.snapshots.remove(snapshot)

    def _folder(self) -> Path:
        return self._world.workspace.folder(f"backups/{next(self._numbers)}")
