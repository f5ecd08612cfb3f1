"""The machines behind one replication group: a primary node and its replicas, each a Valkey server.

A CacheMachine is Killable, Losable, Pausable, Promotable, Replicating, BackedUp and BackedUpNightly
(harness.capabilities).
`kill` takes the primary's host alone, so a group with automatic failover mends itself; `lose` takes all nodes.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path

from harness.capabilities import Spoiling
from harness.cloud.services.elasticache.spoiling import SpoiledSnapshots
from harness.errors import MachineFailed
from harness.machines.valkey import ValkeyServer
from harness.wait import until

_FOLLOWS_WITHIN = timedelta(seconds=30)
_OFTEN = timedelta(milliseconds=5)


class CacheMachine:
    """What faults strike and probes ask. It stays the same object when a replica takes over."""

    def __init__(self, name: str, nodes: Sequence[ValkeyServer]) -> None:
        self.name = name
        self.nodes = list(nodes)
        self.primary = self.nodes[0]
        """The node behind the primary endpoint."""
        self.backups: SpoiledSnapshots | None = None
        """What spoils its snapshots; the service gives it."""
        self.nightly: Callable[[], object] = lambda: None
        """What takes its automatic snapshot; the service gives it."""
        self._source: CacheMachine | None = None
        self._followers: list[CacheMachine] = []
        self._lets_in = True
        self._lock = threading.RLock()
        self._wire()

    @property
    def replicas(self) -> list[ValkeyServer]:
        return [node for node in self.nodes if node is not self.primary]

    def start(self) -> None:
        """Start all nodes; return when the primary answers. A node that ran before comes back empty, and is filled."""
        for node in self.nodes:
            node.start(wait=False)
        for node in self.nodes:
            node.wait_ready()

    def wait_following(self) -> None:
        """Return when every replica's link is up. Raises NeverHappened."""
        for node in self.replicas + ([self.primary] if self._source else []):
            until(f"{node.name} follows", node.is_receiving, within=_FOLLOWS_WITHIN, every=_OFTEN)

    def stop(self) -> None:
        for node in self.nodes:
            node.stop()

    def kill(self) -> None:
        """The primary's host dies at once."""
        self.primary.kill()

    def is_running(self) -> bool:
        return self.primary.is_running()

    def lose(self) -> None:
        """All nodes are gone at once, with what they held. May be called twice."""
        with self._lock:
            for node in self.nodes:
                node.lose()

    def is_lost(self) -> bool:
        return all(node.is_lost() for node in self.nodes)

    def come_back(self) -> None:
        """All nodes run again, empty: nothing survives in a cache. May be called twice."""
        with self._lock:
            for node in self.nodes:
                node.come_back()

    def pause(self) -> None:
        for node in self.nodes:
            node.pause()

    def resume(self) -> None:
        for node in self.nodes:
            node.resume()

    def is_paused(self) -> bool:
        return self.primary.is_paused()

    def promote(self) -> None:
        """Stand alone and take writes from now on. Raises MachineFailed."""
        with self._lock:
            self._leave()
            self.primary.promote()

    def accepts_writes(self) -> bool:
        return self.primary.accepts_writes()

    def follow(self, source: CacheMachine) -> None:
        """Be the secondary of another group: what it held is replaced as soon as the source answers."""
        with self._lock:
            self._leave()
            self._source = source
            source._followers.append(self)
            self._wire()

    def is_secondary(self) -> bool:
        return self._source is not None

    def cut_replication(self) -> None:
        """Cut a secondary off from the other region; of any other group, the replicas from their primary."""
        for node in self._receivers():
            node.cut_replication()

    def restore_replication(self) -> None:
        for node in self.nodes:
            if node.is_cut():
                node.restore_replication()

    def is_receiving(self) -> bool:
        receivers = self._receivers()
        return bool(receivers) and all(node.is_receiving() for node in receivers)

    def take_nightly_backup(self) -> None:
        """Let ElastiCache take its automatic snapshot now; returns at once."""
        self.nightly()

    def spoil_backups(self, how: Spoiling) -> None:
        """Its snapshots still load, but do not hold what they should."""
        if self.backups:
            self.backups.spoil(how)

    def backups_are_spoiled(self) -> bool:
        return self.backups is not None and self.backups.are_spoiled()

    def mend_backups(self) -> None:
        if self.backups:
            self.backups.mend()

    def set_ingress(self, allowed: bool) -> None:
        """Let the application in or keep it out, at every node."""
        with self._lock:
            if allowed != self._lets_in:
                self._lets_in = allowed
                for node in self.nodes:
                    node.set_ingress(allowed)

    def can_fail_over(self) -> bool:
        """Whether the primary is dead and a replica could take its place."""
        return not self.primary.is_running() and any(node.is_running() for node in self.replicas)

    def fail_over(self) -> bool:
        """Let the replica with the least lag take the primary's place; False when there is none that could."""
        with self._lock:
            offsets = [(offset, node) for node in self.replicas if (offset := node.offset()) is not None]
            if not offsets:
                return False
            return self._hand_over(max(offsets, key=lambda one: one[0])[1])

    def hand_over(self, node: ValkeyServer) -> bool:
        """Let this node be the primary, the old one being its replica."""
        with self._lock:
            return self._hand_over(node)

    def replace_dead(self) -> bool:
        """Start dead nodes again, empty, to be filled by the primary if that lives; False when there was none.

        A node whose host is lost is not replaced: that fault lasts until it is healed.
        """
        with self._lock:
            dead = [node for node in self.nodes if not node.is_running() and not node.is_lost()]
            self._wire()
            for node in dead:
                node.start()
            return bool(dead)

    def save(self, snapshot: Path) -> ValkeyServer:
        """Write what the group holds into a file; a replica does it where there is one, as in ElastiCache.

        Returns the node that did. Raises MachineFailed when none answers, DiskFull.
        """
        for node in (*self.replicas, self.primary):
            if node.keys() is not None:
                node.save(snapshot)
                return node
        raise MachineFailed(f"{self.name} cannot be saved: no node answers")

    def _hand_over(self, node: ValkeyServer) -> bool:
        if self._source is None:
            node.promote()
        self.primary = node
        self._wire()
        for follower in self._followers:
            follower._wire()
        return True

    def _wire(self) -> None:
        """Tell every node whom to follow, where it does not know yet."""
        if self._source is not None:
            _follow(self.primary, self._source.primary)
        for node in self.replicas:
            _follow(node, self.primary)

    def _leave(self) -> None:
        if self._source is not None:
            self._source._followers.remove(self)
            self._source = None

    def _receivers(self) -> list[ValkeyServer]:
        return [self.primary] if self._source is not None else self.replicas


def _follow(node: ValkeyServer, primary: ValkeyServer) -> None:
    if node.source() != (primary.address, primary.port):
        node.follow(primary)
