"""What the parts of ElastiCache share: its state, the work behind an answer, and who is let in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from harness.cloud.history import Events
from harness.cloud.service import World
from harness.cloud.services.ec2 import Ec2
from harness.cloud.services.elasticache.checks import Catalogue
from harness.cloud.services.elasticache.foundry import Foundry
from harness.cloud.services.elasticache.names import REDIS
from harness.cloud.services.elasticache.state import CacheGroup, Caches
from harness.errors import DrillError


class Desk:
    """One for the whole service."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.caches = Caches()
        self.foundry = Foundry(world)
        self.events = Events[CacheGroup]("replication-group", world.record)
        self.catalogue = Catalogue(world)

    def admit(self, group: CacheGroup) -> None:
        """Let the application in, or keep it out, as the group's security groups say now."""
        group.machine.set_ingress(self.world.neighbour(Ec2).allows(group.groups, REDIS))

    def enter(self, group: CacheGroup, status: str) -> None:
        with self.caches.lock:
            group.status = status

    def later(
        self, group: CacheGroup, takes: timedelta, what: str, act: Callable[[], None], *, failed: str = "available"
    ) -> None:
        """Do `act` when its time has come; the group is available then, or what `failed` says."""

        def run() -> None:
            try:
                act()
            except DrillError as error:
                self.events.note(group, "failure", f"The {what} failed: {error.message.splitlines()[0]}")
                self.enter(group, failed)
            else:
                self.enter(group, "available")

        self.world.pace.later(takes, f"{what} of {group.identifier}", run)
