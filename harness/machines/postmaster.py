"""One PostgreSQL server process over one data directory: start, stop, crash, freeze."""

from __future__ import annotations

import secrets
import signal
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

import psycopg

from harness.machines.disk import room
from harness.machines.one_process import OneProcess
from harness.machines.processes import Spawner, failure, tail
from harness.machines.replication import Session
from harness.machines.seed import SUPERUSER
from harness.machines.shared_memory import remove_segment
from harness.machines.workspace import Workspace, give_to_servers
from harness.wait import until

T = TypeVar("T")

_READY_WITHIN = timedelta(seconds=60)
_OFTEN = timedelta(milliseconds=5)
_STOPPED_WITHIN = timedelta(seconds=20)


class Postmaster(OneProcess):
    """Runs the server of `data`; administrators reach it by a Unix socket that nobody else can reach."""

    def __init__(
        self, name: str, *, data: Path, programs: Path, port: int, workspace: Workspace, spawner: Spawner
    ) -> None:
        self.name = name
        self.data = data
        self.port = port
        self.sockets = workspace.socket_folder()
        self.log = workspace.log(name)
        self._programs = programs
        self._spawner = spawner

    def start(self) -> None:
        """Start the server; it is ready some time later."""
        self._process = self._spawner.start(
            self.name, [self._programs / "postgres", "-D", self.data],
            log=self.log, as_server_user=True, death_signal=signal.SIGQUIT,
        )  # fmt: skip

    def wait_ready(self) -> None:
        """Return when it has answered a first query. Raises MachineFailed or DiskFull with the log's last lines."""
        until(f"{self.name} answers", self._answers, within=_READY_WITHIN, every=timedelta(milliseconds=10))

    def stop(self) -> None:
        """Shut down cleanly, ending all sessions; kills it when it does not obey."""
        if self._process:
            self._process.stop(signal.SIGINT, _STOPPED_WITHIN)

    def kill(self) -> None:
        """Die as a host does: every process at once, nothing flushed, nobody told, and its memory is gone too.

        What the kernel keeps for it would stay for good if the data directory went before the server came back.
        """
        super().kill()
        if self._process:
            remove_segment(self.data / "postmaster.pid")

    def admin(self, database: str) -> Session:
        """A superuser's session, each statement its own transaction. It never waits for a synchronous standby."""
        return psycopg.connect(
            host=str(self.sockets), port=self.port, user=SUPERUSER, dbname=database, autocommit=True,
            connect_timeout=2, options="-c synchronous_commit=local", application_name="drill-admin",
        )  # fmt: skip

    def asked(self, database: str, question: Callable[[Session], T]) -> T | None:
        """What the server says to a question; None when it does not answer."""
        if not self.is_running() or self.is_paused():
            return None
        try:
            with self.admin(database) as session:
                return question(session)
        except psycopg.OperationalError:
            return None

    def reload(self, database: str) -> None:
        """Make the server read its files again; returns when sessions that start now go by them.

        One that does not answer, being frozen or just starting, does so when it goes on.
        """
        if self._process is None or not self.is_running():
            return
        before = self.asked(database, _loaded)
        self._process.signal(signal.SIGHUP)
        if before is not None:
            what = f"{self.name} has read its configuration"
            until(what, lambda: self._has_loaded(database, before), within=_READY_WITHIN, every=_OFTEN)

    def write(self, name: str, text: str) -> None:
        """Replace a file in the data directory, whole or not at all."""
        unborn = self.data / f".{name}.{secrets.token_hex(4)}"
        with room(self.data):
            unborn.touch(mode=0o600)
            give_to_servers(unborn)
            unborn.write_text(text)
            unborn.rename(self.data / name)

    def last_words(self) -> str:
        """The end of its log."""
        return tail(self.log)

    def _has_loaded(self, database: str, before: float) -> bool:
        return not self.is_running() or (self.asked(database, _loaded) or 0) > before

    def _answers(self) -> bool:
        if not self.is_running():
            raise failure(f"{self.name} ended before it was ready", self.last_words(), self.data)
        try:
            with self.admin("template1") as session:
                session.execute("SELECT 1")
        except psycopg.OperationalError:
            return False
        return True


def _loaded(session: Session) -> float:
    """When the server last read its files, as far as sessions that start now know."""
    row = session.execute("SELECT extract(epoch FROM pg_conf_load_time())::float8").fetchone()
    return float(str(row[0])) if row else 0.0
