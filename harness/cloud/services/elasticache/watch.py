"""ElastiCache watches its nodes: a dead primary is replaced by a replica, a dead node by a new one."""

from __future__ import annotations

from harness.aws_rules.durations import CACHE_FAILOVER, REPLACE_CACHE_NODE
from harness.cloud.rounds import Rounds
from harness.cloud.services.elasticache.desk import Desk
from harness.cloud.services.elasticache.foundry import publish
from harness.cloud.services.elasticache.state import CacheGroup
from harness.errors import DrillError

_WATCHED = frozenset({"available", "modifying", "snapshotting"})


class Watch:
    """What its rounds do about each group that they find changed."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._replacing: set[str] = set()
        self.rounds = Rounds(desk.world, "elasticache", desk.caches, self._look)

    def _look(self, group: CacheGroup) -> None:
        if group.status not in _WATCHED or group.failing_over:
            return
        machine = group.machine
        if group.automatic_failover and machine.can_fail_over():
            self._begin(group)
            return
        if not machine.is_running() and not group.failed:
            self._failed(group)
        elif machine.is_running() and group.failed:
            self._came_back(group)
        if any(not node.is_running() and not node.is_lost() for node in machine.nodes):
            self._replace(group)

    def _failed(self, group: CacheGroup) -> None:
        """ElastiCache has no state for a group that failed: it is modified for as long as its nodes are replaced."""
        group.failed = True
        self._desk.enter(group, "modifying")
        self._desk.events.note(group, "failure", "The primary node does not answer and no replica can take over.")

    def _came_back(self, group: CacheGroup) -> None:
        publish(self._desk.world, group)
        group.failed = False
        self._desk.enter(group, "available")
        self._desk.events.note(group, "recovery", "The primary node answers again.")

    def _begin(self, group: CacheGroup) -> None:
        group.failing_over = True
        self._desk.enter(group, "modifying")
        dead = group.machine.primary.name
        self._desk.events.note(group, "failover", f"Failover from primary node {dead} started")
        self._desk.world.pace.later(
            CACHE_FAILOVER.usual, f"failover of {group.identifier}", lambda: self._fail_over(group)
        )

    def _fail_over(self, group: CacheGroup) -> None:
        try:
            if group.machine.can_fail_over() and group.machine.fail_over():
                publish(self._desk.world, group)
                taken = group.machine.primary.name
                self._desk.events.note(group, "failover", f"Failover to replica node {taken} completed")
        finally:
            if group.machine.is_running():
                self._desk.enter(group, "available")
            else:  # the replicas died meanwhile: else nobody would notice when it comes back
                self._failed(group)
            group.failing_over = False

    def _replace(self, group: CacheGroup) -> None:
        if group.identifier not in self._replacing:
            self._replacing.add(group.identifier)
            what = f"replacement of a node of {group.identifier}"
            self._desk.world.pace.later(REPLACE_CACHE_NODE.usual, what, lambda: self._replaced(group))

    def _replaced(self, group: CacheGroup) -> None:
        try:
            if group.status in _WATCHED and group.machine.replace_dead():
                publish(self._desk.world, group)
                self._desk.events.note(group, "recovery", "A dead node was replaced by an empty one.")
        except DrillError as error:
            self._desk.events.note(group, "failure", f"A node was not replaced: {error.message.splitlines()[0]}")
        finally:
            self._replacing.discard(group.identifier)
