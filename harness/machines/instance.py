"""A database instance without its relatives: a server, its storage, and who may come in by the network."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

from harness.errors import MachineFailed
from harness.machines import access
from harness.machines.access import Account
from harness.machines.archive import Replay
from harness.machines.backup import Origin
from harness.machines.postgres_files import InstanceSettings
from harness.machines.postmaster import Postmaster
from harness.machines.processes import Spawner, failure
from harness.machines.replication import Session, ensure_slots, is_in_recovery
from harness.machines.workspace import Workspace
from harness.wait import until

T = TypeVar("T")

_CLOSES_WITHIN = timedelta(seconds=10)
_REPLAYED_WITHIN = timedelta(minutes=10)
_OFTEN = timedelta(milliseconds=10)


class Instance:
    """It is a clone of `template`, or of a backup, when it starts first, and keeps what it holds until removed."""

    def __init__(
        self,
        name: str,
        *,
        address: str,
        port: int,
        programs: Path,
        template: Origin,
        workspace: Workspace,
        spawner: Spawner,
        app: Account,
        replicator: Account,
        archive_timeout: timedelta = timedelta(minutes=5),
        archive: Path | None = None,
    ) -> None:
        self.name = name
        self.address = address
        self.port = port
        self.database = template.database
        self.data = workspace.folder(f"databases/{name}")
        self.archive = archive or workspace.folder(f"wal-archive/{name}")
        self._lost_data = workspace.folder("lost") / name
        self._password_file = workspace.folder("secrets") / f"{name}.pass"
        self._template = template
        self._app = app
        self._replicator = replicator
        self._server = Postmaster(
            name, data=self.data, programs=programs, port=port, workspace=workspace, spawner=spawner
        )
        self._lock = threading.Lock()
        self._settings = InstanceSettings(
            name, address, port, self._server.sockets, self.archive, archive_timeout, shares_archive=archive is not None
        )
        self._slots: set[str] = set()
        self._is_set_up = False

    def start(self, *, wait: bool = True) -> None:
        """Start it unless it runs; when waited for, it answers queries. Raises MachineFailed, DiskFull."""
        if self.is_lost():
            raise MachineFailed(f"{self.name} cannot start: its storage is lost")
        if self.is_running():
            return
        if not (self.data / "PG_VERSION").exists():
            self._template.extract(self.data)
            (self.data / "standby.signal").unlink(missing_ok=True)  # a backup of a replica has one
            if self._settings.source:
                self._server.write("standby.signal", "")
            elif self._settings.replay:
                self._server.write("recovery.signal", "")
        with self._lock:
            self._configure()
        self._server.start()
        if wait:
            self.wait_ready()

    def wait_ready(self) -> None:
        """Return when it answers; a primary has the run's passwords by then. Raises MachineFailed, DiskFull."""
        self._server.wait_ready()
        if self._settings.replay:
            until(f"{self.name} has replayed the log", self._has_replayed, within=_REPLAYED_WITHIN, every=_OFTEN)
            self._change(replay=None)
        if not self._is_set_up and not (self.data / "standby.signal").exists():
            self._set_up()

    def replay(self, log: Replay) -> None:
        """Before its first start: replay that log, then be a primary. What it cannot reach makes `wait_ready` raise."""
        self._change(replay=log)

    def _has_replayed(self) -> bool:
        if not self.is_running():
            raise failure(f"{self.name} ended while it replayed the log", self._server.last_words(), self.data)
        return self._ask(is_in_recovery) is False

    def _set_up(self) -> None:
        """What a primary has and a standby gets from it."""
        with self.admin() as session:
            for login in (self._app, self._replicator):
                access.set_password(session, login)
            ensure_slots(session, self._slots)
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

    def set_ingress(self, allowed: bool) -> None:
        """Let the application in, or keep it out and end its sessions. Administrators and replicas always come in.

        Sessions are ended only once the server refuses new ones: it takes a moment to read its rules, and a session
        that came in during that moment would stay for ever.
        """
        self._change(app_allowed=allowed)
        if not allowed and self.is_running() and not self.is_paused():
            until(f"{self.name} refuses the application", self._is_closed, within=_CLOSES_WITHIN)
            self._ask(access.end_sessions)

    def _is_closed(self) -> bool:
        return not self.is_running() or access.is_refused(self.address, self.port, self.database, self._app)

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
