"""The configuration files of a database instance, as text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from harness.machines.archive import Replay
from harness.machines.replication import Source
from harness.machines.seed import APP_USER, REPLICATION_USER, SUPERUSER

MAX_CONNECTIONS = 60
"""The same everywhere: a standby that allows fewer connections than its source refuses to start."""

SHARED_SETTINGS: Mapping[str, str] = {
    "max_connections": str(MAX_CONNECTIONS),
    "shared_buffers": "16MB",
    "dynamic_shared_memory_type": "mmap",  # the others leave segments behind when the server is killed
    "fsync": "on",
    "synchronous_commit": "on",
    "wal_level": "replica",
    "hot_standby": "on",
    "hot_standby_feedback": "on",
    "max_wal_senders": "10",
    "max_replication_slots": "10",
    "wal_sender_timeout": "10s",  # a dead peer is noticed at once; a busy host must not look like one
    "wal_receiver_timeout": "10s",
    "scram_iterations": "64",  # a reconnecting crowd must not starve the host of its cores
    "wal_receiver_status_interval": "1s",
    "wal_retrieve_retry_interval": "200ms",
    "archive_mode": "on",
    "password_encryption": "scram-sha-256",
    "unix_socket_permissions": "0700",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %q%u@%d ",
    "log_destination": "stderr",
    "logging_collector": "off",
}


@dataclass(frozen=True, slots=True)
class InstanceSettings:
    """What sets one instance apart from the others; the rest they have in common."""

    name: str
    address: str
    port: int
    sockets: Path
    archive: Path
    archive_timeout: timedelta
    source: Source | None = None
    replay: Replay | None = None
    cut: bool = False
    app_allowed: bool = True
    waits_for: tuple[str, ...] = ()
    shares_archive: bool = False
    """It is a standby that may take over: what its source could not archive any more, it does."""

    def files(self) -> Mapping[str, str]:
        """Its configuration files, by name."""
        settings = {
            **SHARED_SETTINGS,
            "cluster_name": self.name,
            "listen_addresses": self.address,
            "port": str(self.port),
            "unix_socket_directories": str(self.sockets),
            "archive_mode": "always" if self.shares_archive else "on",
            "archive_command": archive_command(self.archive, shared=self.shares_archive),
            "archive_timeout": f"{max(1, round(self.archive_timeout.total_seconds()))}s",
            "synchronous_standby_names": synchronous_names(self.waits_for),
            **(self.source.settings(cut=self.cut) if self.source else {}),
            **(self.replay.settings() if self.replay else {}),
        }
        return {"postgresql.conf": settings_text(settings), "pg_hba.conf": access_text(app_allowed=self.app_allowed)}


def settings_text(settings: Mapping[str, str]) -> str:
    """A postgresql.conf; the last of two equal names would win, so a mapping has each once."""
    return "".join(f"{name} = {_quoted(value)}\n" for name, value in settings.items())


def access_text(*, app_allowed: bool) -> str:
    """A pg_hba.conf: administrators by the private socket, replicas always, the application only when allowed in."""
    rules = [
        f"local all {SUPERUSER} trust",
        f"host replication {REPLICATION_USER} 127.0.0.0/8 scram-sha-256",
        f"host all {APP_USER} 127.0.0.0/8 {'scram-sha-256' if app_allowed else 'reject'}",
    ]
    return "\n".join(rules) + "\n"


def archive_command(folder: Path, *, shared: bool = False) -> str:
    """Copies a finished WAL segment; it appears in the archive whole or not at all, and never replaces another.

    Of a server that shares the archive with its source, the other may have been faster.
    """
    target = f"{folder}/%f"
    part = f"{target}.$$.part"
    missing = f'test -f "{target}" ||' if shared else f'test ! -f "{target}" &&'
    return f'{missing} {{ cp "%p" "{part}" && mv "{part}" "{target}"; }}'


def synchronous_names(names: Iterable[str]) -> str:
    """The setting that makes a commit wait for the first of these standbys that is there; empty for none."""
    listed = ", ".join(f'"{name}"' for name in names)
    return f"FIRST 1 ({listed})" if listed else ""


def _quoted(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"
