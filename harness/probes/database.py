"""Probes of a database through the names that clients use: does it answer, what does it hold, which instance is it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from botocore.exceptions import ClientError

from harness.aws import Aws, error_code
from harness.dial import Directory, NameNotFound, conninfo, resolve
from harness.estate import Database, Estate
from harness.facts import IntegrityCounted, Probed, ServedBy, Stage
from harness.login import Login
from harness.probes.digests import digest

_INTEGRITY = f"""
SELECT users.rows, projects.rows, submissions.rows, submissions.latest,
       concat_ws(', ', users.digest, projects.digest, submissions.digest)
FROM (SELECT count(*) AS rows, {digest("users")} AS digest FROM users) users,
     (SELECT count(*) AS rows, {digest("projects")} AS digest FROM projects) projects,
     (SELECT count(*) AS rows, max(created_at) AS latest, {digest("task_submissions", "writer = 0")} AS digest
      FROM task_submissions) submissions
"""  # noqa: S608 - our words


@contextmanager
def connected(directory: Directory, host: str, port: int, login: Login) -> Iterator[psycopg.Connection]:
    """A session as the application would open it. Raises psycopg.Error or NameNotFound."""
    parameters = conninfo(directory, host, port, user=login.user, password=login.password, database=login.database)
    with psycopg.connect(**parameters, autocommit=True, options="-c statement_timeout=5000") as session:  # type: ignore[arg-type]
        yield session


def select_one(directory: Directory, host: str, port: int, login: Login, stage: Stage) -> Probed:
    """`SELECT 1`, the runbook's connectivity test."""
    what = f"SELECT 1 at {host}"
    try:
        with connected(directory, host, port, login) as session:
            row = session.execute("SELECT 1").fetchone()
    except (psycopg.Error, NameNotFound) as error:
        return Probed(stage, what, ok=False, detail=str(error).splitlines()[0])
    return Probed(stage, what, ok=row == (1,), detail=str(row))


def integrity(directory: Directory, host: str, port: int, login: Login, stage: Stage) -> IntegrityCounted:
    """The runbook's integrity queries, and a digest of all seeded rows. Raises psycopg.Error or NameNotFound."""
    with connected(directory, host, port, login) as session:
        row = session.execute(_INTEGRITY.encode()).fetchone()
    if row is None:
        raise psycopg.DataError("the integrity queries gave no row")
    users, projects, submissions, latest, digest = row
    return IntegrityCounted(stage, users, projects, submissions, latest, digest or "")


def serving(directory: Directory, aws: Aws, estate: Estate, name: str, port: int, login: Login) -> ServedBy:
    """Which instance of the estate a session at `name` ends up on, told by address, and whether it takes writes."""
    try:
        with connected(directory, name, port, login) as session:
            address = session.info.hostaddr
            row = session.execute("SELECT pg_is_in_recovery()").fetchone()
    except (psycopg.Error, NameNotFound):
        return ServedBy(name, "", "", writable=False)
    writable = row == (False,)
    for database in estate.databases:
        if address in _addresses(directory, aws, database):
            return ServedBy(name, database.identifier, database.role, writable, database.region)
    return ServedBy(name, address, "", writable)


def endpoint_of(aws: Aws, database: Database) -> str:
    """The name of an instance's endpoint; empty while it has none, or is not there."""
    try:
        described = aws.rds(database.region).describe_db_instances(DBInstanceIdentifier=database.identifier)
    except ClientError as error:
        if error_code(error) != "DBInstanceNotFound":
            raise
        return ""
    return described["DBInstances"][0].get("Endpoint", {}).get("Address", "")


def transactions(directory: Directory, host: str, port: int, login: Login) -> int:
    """How many transactions the database has finished so far. Raises psycopg.Error or NameNotFound."""
    with connected(directory, host, port, login) as session:
        row = session.execute("SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()").fetchone()
    return int(row[0]) if row else 0


def _addresses(directory: Directory, aws: Aws, database: Database) -> tuple[str, ...]:
    host = endpoint_of(aws, database)
    try:
        return resolve(directory, host).addresses if host else ()
    except NameNotFound:
        return ()
