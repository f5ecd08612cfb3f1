"""RDS deletes an instance: a last snapshot where it is asked for, the server, its storage and its automated backups."""

from __future__ import annotations

import shutil

from harness.aws_rules.durations import DELETE_INSTANCE
from harness.cloud.history import Events
from harness.cloud.service import Answer, AwsError, Call, World, operation
from harness.cloud.services.rds.backups import Backups
from harness.cloud.services.rds.shapes import shown_instance
from harness.cloud.services.rds.snapshots import SnapshotCalls
from harness.cloud.services.rds.state import DbInstance, Instances
from harness.cloud.services.rds.words import new_identifier

_BROKEN = frozenset({"failed", "incompatible-restore", "incompatible-network", "storage-full"})


class DeletionCalls:
    """DeleteDBInstance."""

    def __init__(
        self, world: World, instances: Instances, backups: Backups, snapshots: SnapshotCalls, events: Events[DbInstance]
    ) -> None:
        self._world = world
        self._instances = instances
        self._backups = backups
        self._snapshots = snapshots
        self._events = events

    @operation("DeleteDBInstance")
    def delete(self, call: Call) -> Answer:
        params = call.params
        retain = not params.get("DeleteAutomatedBackups", True)

        def delete() -> None:
            what = f"deletion of {instance.identifier}"
            self._world.pace.later(DELETE_INSTANCE.usual, what, lambda: self._delete(instance, retain))

        with self._instances.lock:
            instance = self._instances.find(call.region, params["DBInstanceIdentifier"])
            last = self._checked(instance, call)
            if last:
                self._snapshots.take(instance, last, tags={}, then=delete)
            else:
                delete()
            instance.status = "deleting"
        return {"DBInstance": shown_instance(instance)}

    def _checked(self, instance: DbInstance, call: Call) -> str | None:
        """The name of the last snapshot, if there is to be one. Raises AwsError."""
        params = call.params
        if instance.deletion_protection:
            raise AwsError(
                "InvalidParameterCombination",
                "Cannot delete protected DB Instance, please disable deletion protection and try again.",
            )
        if instance.status in ("deleting", "creating"):
            raise AwsError("InvalidDBInstanceState", f"Instance {instance.identifier} is currently {instance.status}.")
        if params.get("SkipFinalSnapshot"):
            if "FinalDBSnapshotIdentifier" in params:
                raise AwsError(
                    "InvalidParameterCombination",
                    "FinalDBSnapshotIdentifier can not be specified when deleting an instance with SkipFinalSnapshot.",
                )
            return None
        if instance.source is not None or instance.status in _BROKEN:
            raise AwsError(
                "InvalidDBInstanceState", f"Instance {instance.identifier} can only be deleted with SkipFinalSnapshot."
            )
        if "FinalDBSnapshotIdentifier" not in params:
            raise AwsError(
                "InvalidParameterCombination",
                "FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot is specified.",
            )
        return new_identifier(params, "FinalDBSnapshotIdentifier", longest=255)

    def _delete(self, instance: DbInstance, retain: bool) -> None:
        """It is listed until the last of it is gone."""
        self._world.names.drop(instance.endpoint.host)
        machine = instance.machine
        for server in filter(None, (machine.server, machine.standby)):
            server.kill()
            shutil.rmtree(server.data, ignore_errors=True)
        self._backups.forget(instance, retain=retain)
        self._events.note(instance, "deletion", "DB instance deleted")
        with self._instances.lock:
            self._instances.remove(instance)
            if instance.source is not None:
                instance.source.replicas.remove(instance)
                instance.source.machine.replicas.remove(machine)
