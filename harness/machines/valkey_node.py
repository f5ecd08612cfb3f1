"""A cache's node without its relatives: a Valkey server, which holds its data in memory and loses it when it dies."""

from __future__ import annotations

import dataclasses
import secrets
import shutil
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

from harness.errors import MachineFailed
from harness.machines.disk import room
from harness.machines.one_process import OneProcess
from harness.machines.processes import Spawner, failure, tail
from harness.machines.valkey_files import ADMIN, DUMP, Passwords, ValkeySettings, configuration
from harness.machines.valkey_session import ValkeyError, ValkeySession
from harness.machines.workspace import Workspace, give_to_servers
from harness.wait import until

T = TypeVar("T")

_READY_WITHIN = timedelta(seconds=30)
_SAVED_WITHIN = timedelta(minutes=5)
_OFTEN = timedelta(milliseconds=5)


class ValkeyNode(OneProcess):
    """It starts empty, or with what `load` gave it, and keeps nothing beyond its life."""

    def __init__(
        self,
        name: str,
        *,
        address: str,
        port: int,
        program: Path,
        workspace: Workspace,
        spawner: Spawner,
        passwords: Passwords,
        folder: str = "",
    ) -> None:
        self.name = name
        self.address = address
        self.port = port
        self.data = workspace.folder(f"caches/{folder or name}")
        self._socket = workspace.socket_folder() / "valkey"
        self._log = workspace.log(name)
        self._program = program
        self._spawner = spawner
        self._passwords = passwords
        self._settings = ValkeySettings()
        self._is_lost = False
        self._lock = threading.RLock()

    def load(self, snapshot: Path) -> None:
        """Hold what a snapshot holds, from the next start on. Raises DiskFull."""
        self._place(self.data / DUMP, snapshot)

    def start(self, *, wait: bool = True) -> None:
        """Start it unless it runs: empty, or with what `load` gave it. Raises MachineFailed, DiskFull."""
        with self._lock:
            if self._is_lost:
                raise MachineFailed(f"{self.name} cannot start: its host is lost")
            if not self.is_running():
                self._configure()
                self._process = self._spawner.start(
                    self.name, [self._program, self.data / "valkey.conf"], log=self._log, as_server_user=True
                )
        if wait:
            self.wait_ready()

    def wait_ready(self) -> None:
        """Return when it answers and has loaded what it was given. Raises MachineFailed with the log's last lines."""
        until(f"{self.name} answers", self._answers, within=_READY_WITHIN, every=_OFTEN)
        (self.data / DUMP).unlink(missing_ok=True)

    def lose(self) -> None:
        """Die, and do not start again before `come_back`. May be called twice."""
        self._is_lost = True
        self.kill()

    def is_lost(self) -> bool:
        return self._is_lost

    def come_back(self) -> None:
        """Run again, empty: a cache's memory does not survive its host. May be called twice."""
        self._is_lost = False
        self.start()

    def session(self) -> ValkeySession:
        """An administrator's session, by a socket that only the harness reaches. Raises OSError, ValkeyError."""
        return ValkeySession(self._socket, ADMIN, self._passwords.admin)

    def keys(self) -> int | None:
        """How many keys it holds; None when it does not answer."""
        held = self.asked(lambda session: session.call("DBSIZE"))
        return held if isinstance(held, int) else None

    def let_expire(self, passed: timedelta) -> None:
        """Drop every key whose time would be over if so much more of it had passed. Raises MachineFailed."""
        limit = passed / timedelta(milliseconds=1)

        def drop(session: ValkeySession) -> bool:
            found = session.call("KEYS", "*")
            keys = [str(key) for key in found] if isinstance(found, list) else []
            left = session.pipeline([("PTTL", key) for key in keys])
            over = [key for key, rest in zip(keys, left, strict=True) if isinstance(rest, int) and 0 <= rest < limit]
            session.pipeline([("DEL", key) for key in over])
            return True

        if not self.asked(drop):
            raise MachineFailed(f"{self.name} does not answer, so nothing in it expires")

    def set_ingress(self, allowed: bool) -> None:
        """Let clients in, or refuse them and end their connections. Administrators and replicas always come in."""
        rules = self._change(clients_allowed=allowed).client_rules()
        self.asked(lambda session: session.call("ACL", "SETUSER", "default", "reset", *rules))
        if not allowed:
            self.asked(lambda session: session.call("CLIENT", "KILL", "USER", "default"))

    def save(self, snapshot: Path) -> None:
        """Write all that it holds now into a file of ours (Valkey's RDB). Raises MachineFailed, DiskFull."""
        dump = self.data / DUMP
        with self._lock:
            try:
                with self.session() as session:
                    dump.unlink(missing_ok=True)
                    session.call("BGSAVE", "SCHEDULE")
                until(f"{self.name} has saved", lambda: self._has_saved(dump), within=_SAVED_WITHIN, every=_OFTEN)
                self._place(snapshot, dump, ours=True)
            except (OSError, ValkeyError) as error:
                raise failure(f"{self.name} cannot be saved: {error}", tail(self._log), self.data) from error
            finally:
                dump.unlink(missing_ok=True)

    def asked(self, question: Callable[[ValkeySession], T]) -> T | None:
        """What the server says to a question; None when it does not answer or refuses."""
        if not self.is_running() or self.is_paused():
            return None
        try:
            with self.session() as session:
                return question(session)
        except (OSError, ValkeyError):
            return None

    def _change(self, **changes: object) -> ValkeySettings:
        with self._lock:
            self._settings = dataclasses.replace(self._settings, **changes)  # type: ignore[arg-type]
            return self._settings

    def _configure(self) -> None:
        text = configuration(
            self._settings, address=self.address, port=self.port, data=self.data, socket=self._socket,
            keys=self._passwords,
        )  # fmt: skip
        with room(self.data):
            file = self.data / "valkey.conf"
            file.touch(mode=0o600)
            give_to_servers(file)
            file.write_text(text)

    def _place(self, target: Path, source: Path, *, ours: bool = False) -> None:
        """Copy a file, whole or not at all."""
        unborn = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
        with room(target.parent):
            shutil.copyfile(source, unborn)
            unborn.chmod(0o600)
            if not ours:
                give_to_servers(unborn)
            unborn.rename(target)

    def _has_saved(self, dump: Path) -> bool:
        said = self.asked(lambda session: session.info("persistence")) or {}
        if said.get("rdb_last_bgsave_status") == "err" or not self.is_running():
            raise ValkeyError("the save failed")
        return dump.exists() and said.get("rdb_bgsave_in_progress") == "0"

    def _answers(self) -> bool:
        if not self.is_running():
            raise failure(f"{self.name} ended before it was ready", tail(self._log), self.data)
        return self.asked(lambda session: session.call("DBSIZE")) is not None
