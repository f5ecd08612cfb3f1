"""What RDS does after it has answered: states change at the drill's pace, machines for real."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from harness.aws_rules.durations import (
    CONVERT_TO_MULTI_AZ,
    MODIFY_INSTANCE,
    PROMOTE_READ_REPLICA,
    START_INSTANCE,
    STOP_INSTANCE,
)
from harness.cloud.history import Events
from harness.cloud.service import World
from harness.cloud.services.rds.state import DbInstance, Instances
from harness.errors import DiskFull, DrillError

_REBOOT = timedelta(minutes=1)
_BEFORE_BACKUP = timedelta(minutes=2)
"""A promoted instance serves before it is backed up for the first time."""


class Workflows:
    """Each method has been checked by the service and returns at once; the work runs behind."""

    def __init__(
        self, world: World, instances: Instances, events: Events[DbInstance], add_standby: Callable[[DbInstance], None],
        begin_backups: Callable[[DbInstance], None],
    ) -> None:  # fmt: skip
        self._world = world
        self._instances = instances
        self._events = events
        self._add_standby = add_standby
        self._begin_backups = begin_backups

    def promote(self, instance: DbInstance, retention: int, window: str) -> None:
        """modifying, then a primary of its own; its source forgets it. A machine that cannot leaves it failed."""
        with self._instances.lock:
            instance.status = "modifying"
            instance.backup_retention, instance.backup_window = retention, window

        def act() -> None:
            instance.machine.promote()
            with self._instances.lock:
                source, instance.source = instance.source, None
                if source is not None:
                    source.replicas.remove(instance)
                    source.machine.replicas.remove(instance.machine)
            self._events.note(instance, "read replica", "Read replica has been promoted to a stand-alone DB instance.")
            self._world.pace.later(
                _BEFORE_BACKUP, f"first backup of {instance.identifier}", lambda: self._begin_backups(instance)
            )

        self._later(instance, PROMOTE_READ_REPLICA.usual, "promotion", act)

    def modify(self, instance: DbInstance, changes: dict[str, Any]) -> None:
        """The changes stay pending until they are in force."""
        adds_standby = bool(changes.get("MultiAZ")) and not instance.multi_az
        with self._instances.lock:
            instance.status = "modifying"
            instance.pending |= changes

        def act() -> None:
            if adds_standby:
                self._add_standby(instance)
            backs_up = bool(changes.get("BackupRetentionPeriod")) and not instance.backup_retention
            with self._instances.lock:
                instance.multi_az = changes.get("MultiAZ", instance.multi_az)
                instance.parameter_group = changes.get("DBParameterGroupName", instance.parameter_group)
                instance.backup_retention = changes.get("BackupRetentionPeriod", instance.backup_retention)
                instance.backup_window = changes.get("PreferredBackupWindow", instance.backup_window)
                instance.pending = {key: value for key, value in instance.pending.items() if key not in changes}
            self._events.note(instance, "configuration change", f"Finished applying {', '.join(sorted(changes))}.")
            if backs_up:
                self._begin_backups(instance)

        takes = CONVERT_TO_MULTI_AZ if adds_standby else MODIFY_INSTANCE
        self._later(instance, takes.usual, "modification", act)

    def reboot(self, instance: DbInstance) -> None:
        def act() -> None:
            instance.machine.server.stop()
            instance.machine.server.start()
            self._events.note(instance, "availability", "DB instance restarted")

        self._enter(instance, "rebooting")
        self._later(instance, _REBOOT, "reboot", act)

    def stop(self, instance: DbInstance) -> None:
        def act() -> None:
            instance.machine.stop()
            self._events.note(instance, "notification", "DB instance stopped")

        self._enter(instance, "stopping")
        self._later(instance, STOP_INSTANCE.usual, "stop", act, then="stopped")

    def start(self, instance: DbInstance) -> None:
        def act() -> None:
            instance.machine.start()
            self._events.note(instance, "notification", "DB instance started")

        self._enter(instance, "starting")
        self._later(instance, START_INSTANCE.usual, "start", act)

    def _enter(self, instance: DbInstance, status: str) -> None:
        with self._instances.lock:
            instance.status = status

    def _later(
        self, instance: DbInstance, takes: timedelta, what: str, act: Callable[[], None], *, then: str = "available"
    ) -> None:
        def run() -> None:
            try:
                act()
            except DrillError as error:
                self._failed(instance, what, error)
            else:
                self._enter(instance, then)

        self._world.pace.later(takes, f"{what} of {instance.identifier}", run)

    def _failed(self, instance: DbInstance, what: str, error: DrillError) -> None:
        """An instance that RDS cannot mend (RDS User Guide, Viewing DB instance status)."""
        with self._instances.lock:
            instance.status = "storage-full" if isinstance(error, DiskFull) else "failed"
            instance.beyond_repair = True
        self._events.note(instance, "failure", f"The {what} failed: {error.message.splitlines()[0]}")
