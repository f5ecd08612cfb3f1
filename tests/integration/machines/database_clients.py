"""What the tests do with a database as its clients."""

from __future__ import annotations

from datetime import timedelta

import psycopg

from harness.machines.postgres import PostgresServer
from harness.machines.seed import APP_USER
from harness.wait import until
from tests.integration.machines.conftest import PASSWORD, Build

SOON = timedelta(seconds=20)


def connect(server: PostgresServer, password: str = PASSWORD) -> psycopg.Connection[tuple[object, ...]]:
    """A session of the application, by the network."""
    return psycopg.connect(
        host=server.address, port=server.port, user=APP_USER, password=password, dbname=server.database,
        connect_timeout=5, autocommit=True, sslmode="disable",
    )  # fmt: skip


def submit(server: PostgresServer, *numbers: int) -> None:
    """Write rows as writer 1; each is acknowledged when this returns."""
    insert = "INSERT INTO task_submissions (project_id, user_id, writer, seq, payload) VALUES (1, 1, 1, %s, 'x')"
    with connect(server) as session:
        for seq in numbers:
            session.execute(insert, [seq])


def submitted(server: PostgresServer) -> list[object]:
    """The numbers of the rows of writer 1."""
    with server.admin() as session:
        return [row[0] for row in session.execute("SELECT seq FROM task_submissions WHERE writer = 1 ORDER BY seq")]


def standby_of(primary: PostgresServer, build: Build, name: str = "standby", **how: object) -> PostgresServer:
    """A standby that is receiving and, unless it is told to be late, has all that the primary has."""
    server = build(name)
    options: dict[str, object] = {"slot": f"slot_{name}", "application_name": name, **how}
    server.follow(primary, **options)  # type: ignore[arg-type]
    server.start()
    until(f"{name} receives", server.is_receiving, within=SOON)
    if "apply_delay" not in how:
        until(f"{name} has caught up", lambda: server.lag() == timedelta(0), within=SOON)
    return server
