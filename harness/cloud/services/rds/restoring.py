"""How a restored instance comes to be: the machine at once, its states at the drill's pace."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from harness.aws_rules.durations import CONVERT_TO_MULTI_AZ, ENDPOINT_TTL, MODIFY_INSTANCE, Published
from harness.clock import SystemClock, span
from harness.cloud.history import Events
from harness.cloud.service import World
from harness.cloud.services.rds.backups import Backups
from harness.cloud.services.rds.foundry import Foundry, endpoint_of
from harness.cloud.services.rds.machine import DatabaseInstance
from harness.cloud.services.rds.snapshot_state import Portrait
from harness.cloud.services.rds.state import DbInstance, Instances
from harness.errors import DrillError
from harness.estate import Database, Role
from harness.machines.archive import Replay
from harness.machines.backup import BaseBackup
from harness.machines.postgres import PostgresServer


@dataclass(frozen=True, slots=True)
class Content:
    """What a new instance is to hold, whose it was, and how long that takes."""

    portrait: Portrait
    backup: BaseBackup
    replay: Replay | None
    said: str
    takes: Published


@dataclass(frozen=True, slots=True)
class Order:
    """A new instance as it was asked for, checked."""

    database: Database
    content: Content
    groups: list[str]
    parameter_group: str
    subnet_group: str
    multi_az: bool
    retention: int
    window: str
    deletion_protection: bool
    tags: dict[str, str]


class Restoring:
    """creating, backing-up when it has a retention period, modifying when it gets a standby, then available."""

    def __init__(
        self, world: World, instances: Instances, foundry: Foundry, backups: Backups, events: Events[DbInstance],
        *, admit: Callable[[DbInstance], None], add_standby: Callable[[DbInstance], None],
    ) -> None:  # fmt: skip
        self._world = world
        self._instances = instances
        self._foundry = foundry
        self._backups = backups
        self._events = events
        self._admit = admit
        self._add_standby = add_standby
        self._closed = threading.Event()
        self._clock = SystemClock()

    def close(self) -> None:
        """Wait for nothing any more."""
        self._closed.set()

    def begin(self, order: Order) -> DbInstance:
        """The new instance, in state creating. Raises DBInstanceAlreadyExists."""
        with self._instances.lock:
            instance = self._new(order)
            self._instances.add(instance)
        self._world.pace.behind(f"restore of {instance.identifier}", lambda: self._restore(instance, order))
        return instance

    def _restore(self, instance: DbInstance, order: Order) -> None:
        try:
            began = self._clock.now()
            self._admit(instance)
            instance.machine.start()
            self._world.names.put(instance.endpoint.host, instance.machine.server.address, ttl=ENDPOINT_TTL)
            self._until(began, order.content.takes.usual)
            self._events.note(instance, "creation", order.content.said)
            if instance.backup_retention and not self._closed.is_set():
                self._during(instance, "backing-up", MODIFY_INSTANCE, lambda: self._backups.begin_now(instance))
            if order.multi_az and not self._closed.is_set():
                self._during(instance, "modifying", CONVERT_TO_MULTI_AZ, lambda: self._add_standby(instance))
        except DrillError as error:
            if not self._closed.is_set():
                self._failed(instance, order, error)
        else:
            self._enter(instance, "available")

    def _during(self, instance: DbInstance, status: str, takes: Published, act: Callable[[], None]) -> None:
        began = self._clock.now()
        self._enter(instance, status)
        act()
        self._until(began, takes.usual)

    def _until(self, began: int, takes: timedelta) -> None:
        """Return when `takes` of AWS's time have passed since `began`, or the cloud goes down."""
        self._closed.wait(max(0.0, (self._world.pace.scaled(takes) - span(began, self._clock.now())).total_seconds()))

    def _enter(self, instance: DbInstance, status: str) -> None:
        with self._instances.lock:
            if instance.status != "deleting":
                instance.status = status

    def _failed(self, instance: DbInstance, order: Order, error: DrillError) -> None:
        """AWS says incompatible-restore of a point in time that it cannot restore, failed of the rest."""
        with self._instances.lock:
            instance.status = "incompatible-restore" if order.content.replay else "failed"
            instance.beyond_repair = True
        self._events.note(instance, "failure", f"The restore failed: {error.message.splitlines()[0]}")

    def _new(self, order: Order) -> DbInstance:
        database, created = order.database, datetime.now(UTC)
        resource = hashlib.sha256(f"{database.identifier}{database.region}{created}".encode()).hexdigest()[:26].upper()
        return DbInstance(
            database=database,
            arn=f"arn:aws:rds:{database.region}:{self._world.estate.account_id}:db:{database.identifier}",
            resource_id=f"db-{resource}",
            endpoint=endpoint_of(self._world, database),
            machine=DatabaseInstance(database.identifier, self._server(order), self._foundry.login),
            created=created,
            groups=order.groups,
            multi_az=order.multi_az,
            backup_retention=order.retention,
            backup_window=order.window,
            parameter_group=order.parameter_group,
            subnet_group=order.subnet_group,
            role=self._place(database),
            kms_key=order.content.portrait.kms_key,
            deletion_protection=order.deletion_protection,
            tags=dict(order.tags),
        )

    def _place(self, made: Database) -> Role | None:
        """The place that the estate keeps for an instance of that name."""
        named = [d for d in self._world.estate.databases if d.identifier == made.identifier]
        return next((database.role for database in named if database.region == made.region), None)

    def _server(self, order: Order) -> PostgresServer:
        server = self._foundry.server(
            self._foundry.new_name(order.database.identifier), order.database.region, origin=order.content.backup
        )
        if order.content.replay:
            server.replay(order.content.replay)
        return server
