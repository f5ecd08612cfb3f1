"""What ElastiCache does after it has answered: states change at the drill's pace, nodes for real."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from harness.aws_rules.durations import CREATE_CACHE, DELETE_CACHE, MODIFY_CACHE
from harness.cloud.services.elasticache.desk import Desk
from harness.cloud.services.elasticache.foundry import publish, withdraw
from harness.cloud.services.elasticache.state import CacheGroup, Datastore, Snapshot

_FOREVER = timedelta(days=365)


class Workflows:
    """Each method has been checked by the service and returns at once; the work runs behind."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def create(self, group: CacheGroup, snapshot: Snapshot | None, store: Datastore | None) -> None:
        """creating, then available: with what the snapshot held, or as one more member of a datastore."""
        desk = self._desk
        with desk.caches.lock:
            desk.caches.groups[group.region, group.identifier] = group
            if store is not None:
                group.datastore = store
                store.members.append(group)
                store.joining.add(group.arn)
                store.status = "modifying"

        def act() -> None:
            if snapshot is not None:
                group.machine.primary.load(snapshot.file)
            if store is not None:
                group.machine.follow(store.primary.machine)
            desk.admit(group)
            group.machine.start()
            if snapshot is not None:
                group.machine.primary.let_expire(_age(snapshot, desk.world.pace.factor))
            group.machine.wait_following()
            publish(desk.world, group)
            if store is not None:
                with desk.caches.lock:
                    store.joining.discard(group.arn)
                    store.status = "available"
            desk.events.note(group, "creation", f"Replication group {group.identifier} created")

        desk.later(group, CREATE_CACHE.usual, "creation", act, failed="create-failed")

    def modify(self, group: CacheGroup, what: str, act: Callable[[], None]) -> None:
        """modifying, then available and as asked for."""
        self._desk.enter(group, "modifying")

        def run() -> None:
            act()
            publish(self._desk.world, group)
            self._desk.events.note(group, "configuration change", f"Finished applying {what}.")

        self._desk.later(group, MODIFY_CACHE.usual, what, run)

    def delete(self, group: CacheGroup) -> None:
        """deleting, then gone with all it held."""
        desk = self._desk
        desk.enter(group, "deleting")

        def act() -> None:
            group.machine.stop()
            withdraw(desk.world, group)
            with desk.caches.lock:
                del desk.caches.groups[group.region, group.identifier]
            desk.events.note(group, "deletion", f"Replication group {group.identifier} deleted")

        desk.world.pace.later(DELETE_CACHE.usual, f"deletion of {group.identifier}", act)


def _age(snapshot: Snapshot, pace: float) -> timedelta:
    """How long ago it was taken in AWS's time: what it holds goes on expiring while nobody looks."""
    age = datetime.now(UTC) - snapshot.taken
    return age / pace if pace else _FOREVER
