"""RDS watches its hosts: a Multi-AZ instance whose host dies is failed over, one that is gone is reported as failed."""

from __future__ import annotations

from collections.abc import Callable

from harness.aws_rules.durations import CONVERT_TO_MULTI_AZ, ENDPOINT_TTL, MULTI_AZ_FAILOVER
from harness.cloud.history import Events
from harness.cloud.rounds import Rounds
from harness.cloud.service import World
from harness.cloud.services.rds.state import DbInstance, Instances


class Watch:
    """What its rounds do about each instance that they find changed."""

    def __init__(
        self, world: World, instances: Instances, events: Events[DbInstance], admit: Callable[[DbInstance], None],
        add_standby: Callable[[DbInstance], None],
    ) -> None:  # fmt: skip
        self._world = world
        self._instances = instances
        self._events = events
        self._admit = admit
        self._add_standby = add_standby
        self._failing_over: set[str] = set()
        self.rounds = Rounds(world, "rds", instances, self._look)

    def _look(self, instance: DbInstance) -> None:
        alive = instance.machine.is_running()
        if instance.status == "available" and not alive:
            self._died(instance)
        elif instance.status == "failed" and alive and not instance.beyond_repair:
            self._came_back(instance)

    def _died(self, instance: DbInstance) -> None:
        if instance.identifier in self._failing_over:
            return
        if instance.machine.can_fail_over():
            self._failing_over.add(instance.identifier)
            self._events.note(instance, "failover", "Multi-AZ instance failover started.")
            what = f"failover of {instance.identifier}"
            self._world.pace.later(MULTI_AZ_FAILOVER.usual, what, lambda: self._fail_over(instance))
        elif not instance.machine.is_running():
            with self._instances.lock:
                instance.status = "failed"
            self._events.note(instance, "failure", "The DB instance has failed: neither host nor storage answer.")

    def _fail_over(self, instance: DbInstance) -> None:
        try:
            if instance.machine.fail_over():
                self._admit(instance)
                self._world.names.put(instance.endpoint.host, instance.machine.server.address, ttl=ENDPOINT_TTL)
                self._events.note(instance, "failover", "Multi-AZ instance failover completed")
                what = f"new standby of {instance.identifier}"
                self._world.pace.later(CONVERT_TO_MULTI_AZ.usual, what, lambda: self._guard_again(instance))
        finally:
            self._failing_over.discard(instance.identifier)

    def _guard_again(self, instance: DbInstance) -> None:
        """RDS replaces the standby that took over, without a word to the operator."""
        if instance.machine.standby is None and instance.machine.is_running():
            self._add_standby(instance)
            self._events.note(instance, "availability", "The Multi-AZ standby has been replaced.")

    def _came_back(self, instance: DbInstance) -> None:
        self._admit(instance)
        with self._instances.lock:
            instance.status = "available"
        self._events.note(instance, "recovery", "The DB instance answers again.")
