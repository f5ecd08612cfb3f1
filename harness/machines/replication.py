"""What makes an instance a standby, and what a standby says about its source."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import psycopg

from harness.machines.seed import REPLICATION_USER

Session = psycopg.Connection[tuple[object, ...]]

_RECEIVING = "SELECT EXISTS (SELECT FROM pg_stat_wal_receiver WHERE status = 'streaming')"

_LAG = """
SELECT CASE
    WHEN NOT pg_is_in_recovery() THEN NULL
    WHEN EXISTS (
        SELECT FROM pg_stat_wal_receiver WHERE status = 'streaming' AND latest_end_lsn <= pg_last_wal_replay_lsn()
    ) THEN interval '0'
    ELSE greatest(
        clock_timestamp() - coalesce(pg_last_xact_replay_timestamp(), pg_postmaster_start_time()), interval '0'
    )
END
"""


@dataclass(frozen=True, slots=True)
class Source:
    """Where a standby gets its changes, and how; the password is in a file that only the servers can read."""

    address: str
    port: int
    password_file: Path
    application_name: str
    slot: str | None
    apply_delay: timedelta

    def settings(self, *, cut: bool) -> Mapping[str, str]:
        """The standby's part of its configuration; one that is cut off has nowhere to connect to."""
        where = {
            "host": self.address, "port": self.port, "user": REPLICATION_USER, "passfile": self.password_file,
            "application_name": self.application_name, "connect_timeout": 2, "sslmode": "disable",
            "gssencmode": "disable",
        }  # fmt: skip
        return {
            "primary_conninfo": "" if cut else _conninfo(where),
            "primary_slot_name": self.slot or "",
            "recovery_min_apply_delay": f"{round(self.apply_delay.total_seconds() * 1000)}ms",
        }


def is_in_recovery(session: Session) -> bool:
    return bool(_one(session, "SELECT pg_is_in_recovery()"))


def is_streaming(session: Session) -> bool:
    """Whether a connection to the source is up and delivering."""
    return bool(_one(session, _RECEIVING))


def has_receiver(session: Session) -> bool:
    """Whether it has, or is making, a connection to its source."""
    return bool(_one(session, "SELECT EXISTS (SELECT FROM pg_stat_wal_receiver)"))


def replica_lag(session: Session) -> timedelta | None:
    """How far behind its source a standby is; None of an instance that is none.

    As RDS's ReplicaLag: nothing when all that the source sent is applied, else the time since the last commit that was
    applied. Without a source nobody knows what was missed, so it grows.
    https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_PostgreSQL.Replication.ReadReplicas.Monitor.html
    """
    lag = _one(session, _LAG)
    return lag if isinstance(lag, timedelta) else None


def ensure_slots(session: Session, slots: Collection[str]) -> None:
    """Make those slots that are not there yet; they keep WAL from now on."""
    session.execute(
        "SELECT pg_create_physical_replication_slot(slot, true) FROM unnest(%s::name[]) AS slot"
        " WHERE slot NOT IN (SELECT slot_name FROM pg_replication_slots)",
        [list(slots)],
    )


def _conninfo(values: Mapping[str, object]) -> str:
    """libpq's connection string."""
    escaped = {name: str(value).replace("\\", "\\\\").replace("'", "\\'") for name, value in values.items()}
    return " ".join(f"{name}='{value}'" for name, value in escaped.items())


def _one(session: Session, query: str) -> object:
    row = session.execute(query.encode()).fetchone()
    return row[0] if row else None
