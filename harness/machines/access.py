"""Accounts and sessions of a database instance: what administrators ask of it."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

import psycopg
from psycopg import sql

from harness.machines.disk import room
from harness.machines.replication import Session, is_in_recovery
from harness.machines.seed import APP_USER
from harness.machines.workspace import give_to_servers


class Account(Protocol):
    """Who logs in."""

    @property
    def user(self) -> str: ...
    @property
    def password(self) -> str: ...


def set_password(session: Session, login: Account) -> None:
    """Give an account its password. Only what it is checked with reaches the server, so its log cannot hold more."""
    verifier = session.pgconn.encrypt_password(login.password.encode(), login.user.encode(), b"scram-sha-256")
    session.execute(
        sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(login.user), sql.Literal(verifier.decode()))
    )


def write_password_file(file: Path, login: Account) -> None:
    """Write libpq's password file, good for every server, readable for its owner only."""
    escaped = login.password.replace("\\", "\\\\").replace(":", "\\:")
    with room(file.parent):
        file.touch(mode=0o600)
        give_to_servers(file)
        file.write_text(f"*:*:*:{login.user}:{escaped}\n")


def can_write(session: Session) -> bool:
    """Commit a write to a table of the harness. False on a standby, which would refuse."""
    if is_in_recovery(session):
        return False
    try:
        return session.execute("UPDATE drill.written SET at = clock_timestamp()").rowcount == 1
    except psycopg.errors.ReadOnlySqlTransaction:
        return False


def is_refused(address: str, port: int, database: str, login: Account) -> bool:
    """Whether the server turns that account away at its address."""
    try:
        psycopg.connect(
            host=address, port=port, dbname=database, user=login.user, password=login.password,
            connect_timeout=2, sslmode="disable", gssencmode="disable",
        ).close()  # fmt: skip
    except psycopg.OperationalError as error:
        return "pg_hba.conf" in str(error)
    return False


def end_sessions(session: Session) -> int:
    """End the application's sessions; returns how many there were."""
    ended = session.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = %s", [APP_USER])
    return ended.rowcount
