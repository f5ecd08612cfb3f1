"""A database instance: a real PostgreSQL server with an address, its replication and its storage.

Killable, Losable, Pausable, Promotable, Replicating and FailsToPromote (see harness.capabilities).
"""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

import psycopg

from harness.errors import MachineFailed, NeverHappened
from harness.machines import access
from harness.machines.postgres_files import InstanceSettings
from harness.machines.postmaster import Postmaster
from harness.machines.processes import Spawner, failure
from harness.machines.replication import Session, Source, ensure_slot, is_in_recovery, is_streaming, replica_lag
from harness.machines.template import Login, Template
from harness.machines.workspace import Workspace
from harness.wait import until

T = TypeVar("T")

_PROMOTED_WITHIN = timedelta(seconds=60)
_CUT_WITHIN = timedelta(seconds=10)
_OFTEN = timedelta(milliseconds=5)


class PostgresServer:
    """One instance. It is a clone of `template` when it starts first, and keeps what it holds until it is removed."""

    def __init__(
        self,
        name: str,
        *,
        address: str,
        port: int,
        programs: Path,
        template: Template,
        workspace: Workspace,
        spawner: Spawner,
        app: Login,
        replicator: Login,
        archive_timeout: timedelta = timedelta(minutes=5),
    ) -> None:
        self.name = name
        self.address = address
        self.port = port
        self.database = template.database
        self.data = workspace.folder(f"databases/{name}")
        self.archive = workspace.folder(f"wal-archive/{name}")
        self._lost_data = workspace.folder("lost") / name
        self._password_file = workspace.folder("secrets") / f"{name}.pass"
        self._template = template
        self._app = app
        self._replicator = replicator
        self._server = Postmaster(
            name, data=self.data, programs=programs, port=port, workspace=workspace, spawner=spawner
        )
        self._lock = threading.Lock()
        self._settings = InstanceSettings(name, address, port, self._server.sockets, self.archive, archive_timeout)
        self._slots: set[str] = set()
        self._is_set_up = False
        self._fails_promotion = False
        self._promotion_failed = False

    # -- running

    def start(self, *, wait: bool = True) -> None:
        """Start it unless it runs; when waited for, it answers queries. Raises MachineFailed, DiskFull."""
        if self.is_lost():
            raise MachineFailed(f"{self.name} cannot start: its storage is lost")
        if self.is_running():
            return
        if not (self.data / "PG_VERSION").exists():
            self._template.extract(self.data)
            if self._settings.source:
                self._server.write("standby.signal", "")
        with self._lock:
            self._configure()
        self._server.start()
        if wait:
            self.wait_ready()

    def wait_ready(self) -> None:
        """Return when it answers; a primary has the run's passwords by then. Raises MachineFailed, DiskFull."""
        self._server.wait_ready()
        if not self._is_set_up and not (self.data / "standby.signal").exists():
            self._set_up()

    def _set_up(self) -> None:
        """What a primary has and a standby gets from it."""
        with self.admin() as session:
            for login in (self._app, self._replicator):
                access.set_password(session, login)
            for slot in self._slots:
                ensure_slot(session, slot)
        self._is_set_up = True

    def stop(self) -> None:
        """Shut down cleanly and fast: sessions are ended, everything is flushed."""
        self._server.stop()

    def kill(self) -> None:
        """Die as a host does: all processes at once, nothing flushed, nobody told."""
        self._server.kill()

    def is_running(self) -> bool:
        return self._server.is_running()

    def pause(self) -> None:
        """Freeze all of its processes; connections stay open and silent."""
        self._server.pause()

    def resume(self) -> None:
        self._server.resume()

    def is_paused(self) -> bool:
        return self._server.is_paused()

    def admin(self) -> Session:
        """A superuser's session on the estate's database, autocommit, by a socket that only the harness reaches.

        Its commits do not wait for a synchronous standby. Raises psycopg.OperationalError when it does not answer.
        """
        return self._server.admin(self.database)

    # -- replication

    def follow(
        self,
        primary: PostgresServer,
        *,
        slot: str | None,
        application_name: str,
        apply_delay: timedelta = timedelta(0),
    ) -> None:
        """Be a standby of `primary`, from its first start on; `slot` makes the primary keep what was not yet sent."""
        access.write_password_file(self._password_file, self._replicator)
        source = Source(primary.address, primary.port, self._password_file, application_name, slot, apply_delay)
        self._change(source=source)
        if slot:
            primary.keep_slot(slot)

    def keep_slot(self, slot: str) -> None:
        """Have a replication slot of that name: now when it runs as a primary, else as soon as it does."""
        self._slots.add(slot)
        if self._is_set_up and self.is_running():
            with self.admin() as session:
                ensure_slot(session, slot)

    def cut_replication(self) -> None:
        """Take its source away; returns when nothing arrives any more: it misses all that happens from now on."""
        self._change(cut=True)
        until(f"{self.name} is cut off", lambda: not self.is_receiving(), within=_CUT_WITHIN, every=_OFTEN)

    def restore_replication(self) -> None:
        """Let it connect to its source again; it does so within about 0.2 s if the source is there."""
        self._change(cut=False)

    def is_receiving(self) -> bool:
        """Whether its source is delivering to it now."""
        return bool(self._ask(is_streaming))

    def lag(self) -> timedelta | None:
        """How far it is behind its source, as RDS's ReplicaLag; None of a primary and when it does not answer."""
        return self._ask(replica_lag)

    def require_sync(self, names: tuple[str, ...]) -> None:
        """Let every commit of a client wait until one of these standbys (application names) has it; none for nobody."""
        self._change(waits_for=names)

    # -- promotion

    def promote(self) -> None:
        """End recovery and return when it takes writes. Raises MachineFailed when that does not come about."""
        self._promotion_failed = False
        try:
            with self.admin() as session:
                if not is_in_recovery(session):
                    raise MachineFailed(f"{self.name} cannot be promoted: it is no standby")
                if self._fails_promotion:
                    self._make_wal_writable(False)
                session.execute("SELECT pg_promote(wait => false)")
            until(f"the promotion of {self.name}", self._is_promoted, within=_PROMOTED_WITHIN, every=_OFTEN)
            self._set_up()
        except (psycopg.Error, NeverHappened) as error:
            self._promotion_failed = True
            raise failure(
                f"{self.name} did not finish its promotion: {error}", self._server.last_words(), self.data
            ) from error

    def accepts_writes(self) -> bool:
        """Whether a write commits here and now; it does not ask a synchronous standby."""
        return bool(self._ask(access.can_write))

    def break_next_promotion(self) -> None:
        """Let its storage refuse new files from the moment of its promotion, as a volume does that goes read-only."""
        self._fails_promotion = True

    def mend_promotion(self) -> None:
        """Give it good storage; a server that died of the bad one starts as the standby it was. May be called twice."""
        self._fails_promotion = False
        if (self.data / "pg_wal").exists():
            self._make_wal_writable(True)
        if self._promotion_failed and not self.is_lost():
            self.start()
        self._promotion_failed = False

    def promotion_failed(self) -> bool:
        return self._promotion_failed

    def _is_promoted(self) -> bool:
        if not self.is_running():
            raise psycopg.OperationalError("the server ended")
        return self.accepts_writes()

    def _make_wal_writable(self, writable: bool) -> None:
        (self.data / "pg_wal").chmod(0o700 if writable else 0o500)

    # -- network and storage

    def set_ingress(self, allowed: bool) -> None:
        """Let the application in, or keep it out and end its sessions. Administrators and replicas always come in."""
        self._change(app_allowed=allowed)
        if not allowed:
            self._ask(access.end_sessions)

    def lose(self) -> None:
        """Die together with the storage. May be called twice."""
        self.kill()
        if not self.is_lost():
            self.data.rename(self._lost_data)

    def is_lost(self) -> bool:
        return self._lost_data.exists()

    def come_back(self) -> None:
        """Run again with what it held when it was lost: a primary comes back as a primary. May be called twice."""
        if self.is_lost():
            self._lost_data.rename(self.data)
        self.start()

    # -- configuration

    def _change(self, **changes: Any) -> None:
        """Put changed settings into force; a server that is not there reads them when it starts."""
        with self._lock:
            self._settings = dataclasses.replace(self._settings, **changes)
            if (self.data / "PG_VERSION").exists():
                self._configure()
        self._server.reload(self.database)

    def _configure(self) -> None:
        for name, text in self._settings.files().items():
            self._server.write(name, text)

    def _ask(self, question: Callable[[Session], T]) -> T | None:
        return self._server.asked(self.database, question)
