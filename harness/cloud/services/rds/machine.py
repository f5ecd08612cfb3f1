"""The machine behind one DB instance: a PostgreSQL server and, where it is Multi-AZ, a hidden synchronous standby.

A DatabaseInstance is Killable, Losable, Pausable, Promotable, Replicating, FailsToPromote, Archiving, Rewritable and
BackedUp (harness.capabilities).
`kill` takes the host alone, so a Multi-AZ instance fails over by itself; `lose` takes host, standby and storage.
"""

from __future__ import annotations

import threading
from datetime import timedelta

from harness.capabilities import Spoiling
from harness.login import Login
from harness.machines.backup import BaseBackup
from harness.machines.damage import ArchiveHole, PageDamage, RewrittenRows, SpoiledBackups
from harness.machines.postgres import PostgresServer
from harness.wait import until

_FOLLOWS_WITHIN = timedelta(seconds=30)


class DatabaseInstance:
    """What faults strike and probes ask. It stays the same object when its standby takes over."""

    def __init__(self, name: str, server: PostgresServer, login: Login) -> None:
        self.name = name
        self.login = login
        self.server = server
        """The server behind the endpoint."""
        self.standby: PostgresServer | None = None
        self.replicas: list[DatabaseInstance] = []
        """The read replicas that stream from here."""
        self.backups: list[BaseBackup] = []
        """The base backups of it, oldest first; they outlive its storage."""
        self._hole, self._damage, self._spoiled = ArchiveHole(), PageDamage(), SpoiledBackups()
        self._rewritten = RewrittenRows()
        self._apply_delay = self._delays_by = timedelta(0)
        self._source: DatabaseInstance | None = None
        self._lets_in = True
        self._lock = threading.RLock()

    def start(self) -> None:
        """Start the server again; its standby too."""
        for server in self._servers():
            server.start()

    def stop(self) -> None:
        """Shut down cleanly."""
        for server in self._servers():
            server.stop()

    def kill(self) -> None:
        """The host dies at once; the storage and the standby are not hurt."""
        self.server.kill()

    def is_running(self) -> bool:
        return self.server.is_running()

    def lose(self) -> None:
        """Host, standby and storage are gone at once. May be called twice."""
        with self._lock:
            for server in self._servers():
                server.kill()
            for server in self._servers():
                server.lose()

    def is_lost(self) -> bool:
        return self.server.is_lost()

    def come_back(self) -> None:
        """Run again with what was held when it was lost. May be called twice."""
        with self._lock:
            for server in self._servers():
                server.come_back()

    def pause(self) -> None:
        for server in self._servers():
            server.pause()

    def resume(self) -> None:
        for server in self._servers():
            server.resume()

    def is_paused(self) -> bool:
        return self.server.is_paused()

    def promote(self) -> None:
        """End recovery and return when it takes writes. Raises MachineFailed."""
        self.server.promote()

    def accepts_writes(self) -> bool:
        return self.server.accepts_writes()

    def cut_replication(self) -> None:
        self.server.cut_replication()

    def restore_replication(self) -> None:
        self.server.restore_replication()

    def is_receiving(self) -> bool:
        return self.server.is_receiving()

    def break_next_promotion(self) -> None:
        self.server.break_next_promotion()

    def mend_promotion(self) -> None:
        self.server.mend_promotion()

    def promotion_failed(self) -> bool:
        return self.server.promotion_failed()

    def lose_archived_log(self) -> None:
        """A segment in the middle of its archived log is gone; what came later is there."""
        self._hole.make(self.server)

    def has_archive_hole(self) -> bool:
        return self._hole.is_there()

    def mend_archive(self) -> None:
        self._hole.mend()

    def corrupt_page(self) -> None:
        """Flip bytes of a page on its storage; neither standby nor replicas are hurt. Raises MachineFailed."""
        self._damage.make(self.server)

    def refuses_page(self) -> bool:
        return self._damage.is_felt(self.server)

    def mend_page(self) -> None:
        self._damage.mend()

    def rewrite_rows(self) -> None:
        """Turn rows into nonsense, as a bad deployment would; standby and replicas get that too."""
        self._rewritten.make(self.server)

    def rows_are_rewritten(self) -> bool:
        return self._rewritten.are_there(self.server)

    def mend_rows(self) -> None:
        self._rewritten.mend(self.server)

    def spoil_backups(self, how: Spoiling) -> None:
        """Do that to every backup of it that there is."""
        self._spoiled.spoil(self.backups, how)

    def backups_are_spoiled(self) -> bool:
        return self._spoiled.are_spoiled()

    def mend_backups(self) -> None:
        self._spoiled.mend()

    def set_ingress(self, allowed: bool) -> None:
        """Let the application in or keep it out, also after a failover or a comeback."""
        with self._lock:
            if allowed == self._lets_in:
                return
            self._lets_in = allowed
            for server in self._servers():
                server.set_ingress(allowed)

    def follow(self, source: DatabaseInstance, apply_delay: timedelta = timedelta(0)) -> None:
        """Be a read replica of `source` from the first start on; `apply_delay` holds from `wait_following` on."""
        self._delays_by = apply_delay
        self._source = source
        source.replicas.append(self)
        self._stream_from(source.server)

    def guard_with(self, standby: PostgresServer) -> None:
        """Give it a hidden standby, which has yet to start; see `wait_guarded`."""
        standby.follow(self.server, slot=_slot(standby.name), application_name=standby.name)
        if not self._lets_in:
            standby.set_ingress(False)
        self.standby = standby

    def wait_guarded(self) -> None:
        """Return when every commit waits for the standby. Raises NeverHappened."""
        standby = self.standby
        if standby is not None:
            until(f"{standby.name} streams", standby.is_receiving, within=_FOLLOWS_WITHIN)
            self.server.require_sync((standby.name,))

    def wait_following(self) -> None:
        """Return when a read replica streams from its source and has all it sent. Raises NeverHappened."""
        until(f"{self.name} streams", self.server.is_receiving, within=_FOLLOWS_WITHIN)
        until(f"{self.name} has all", lambda: self.server.lag() == timedelta(0), within=_FOLLOWS_WITHIN)
        if self._delays_by and self._source:  # only now: this run's accounts have to be there before it lags
            self._apply_delay = self._delays_by
            self._stream_from(self._source.server)

    def can_fail_over(self) -> bool:
        """Whether the host is dead and a standby could take its place."""
        with self._lock:
            if self.standby is None or self.server.is_running() or self.is_lost():
                return False
            return self.standby.is_running()

    def fail_over(self) -> bool:
        """Let the standby take the dead host's place; False when there is none that could."""
        with self._lock:
            if self.standby is None or not self.can_fail_over():
                return False
            self.standby.promote()
            self.server, self.standby = self.standby, None
            for replica in self.replicas:
                replica._stream_from(self.server)
            return True

    def _stream_from(self, server: PostgresServer) -> None:
        slot = _slot(self.name)
        self.server.follow(server, slot=slot, application_name=self.name, apply_delay=self._apply_delay)

    def _servers(self) -> tuple[PostgresServer, ...]:
        return (self.server, self.standby) if self.standby else (self.server,)


def _slot(name: str) -> str:
    """A replication slot's name has no hyphens and at most 63 characters."""
    return name.replace("-", "_").lower()[-63:]
