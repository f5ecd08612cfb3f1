"""The probe of the data itself: can it all be read, is it what it was, and what does amcheck say?"""

from __future__ import annotations

import psycopg

from harness.dial import NameNotFound
from harness.facts import DataChecked
from harness.probes.database import connected
from harness.probes.digests import selected
from harness.probes.sight import Sight

_DIGESTS = {
    "users": selected("users"),
    "projects": selected("projects"),
    "task_submissions": selected("task_submissions", "writer = 0"),
}
"""Every row that was there before anybody wrote, and never changes."""
_HEAP = "SELECT count(*), min(msg) FROM verify_heapam(%s::regclass)"
_INDEX = "SELECT bt_index_check((%s || '_pkey')::regclass, true, false)"


def check(sight: Sight, host: str, port: int) -> DataChecked:
    """Read all, compare nothing. Raises psycopg.OperationalError or NameNotFound where nobody answers."""
    clock = sight.clock
    with connected(sight.directory, host, port, sight.login) as session:
        began, wall = clock.now(), clock.wall()
        tables, errors = digests(session)
        damaged = [one for table in _DIGESTS for one in amcheck(session, table)]
    return DataChecked(host, began, wall, tables, tuple(errors), tuple(damaged))


def digests(session: psycopg.Connection) -> tuple[dict[str, str], list[str]]:
    """The digest of each table, empty where it cannot be read, and the errors of those. Raises psycopg.Error."""
    tables, errors = dict[str, str](), list[str]()
    for table, query in _DIGESTS.items():
        said, error = _asked(session, query)
        tables[table] = str(said[0]) if said else ""
        errors += [f"{table}: {error}"] if error else []
    return tables, errors


def amcheck(session: psycopg.Connection, table: str) -> list[str]:
    """What amcheck finds in a table or its primary key. Raises psycopg.Error."""
    said, error = _asked(session, _HEAP, table)
    found = [f"{table}: {error}"] if error else [f"{table}: {said[0]} times {said[1]}"] if said and said[0] else []
    _, error = _asked(session, _INDEX, table)
    return [*found, *([f"{table}_pkey: {error}"] if error else [])]


def _asked(session: psycopg.Connection, query: str, *values: str) -> tuple[tuple[object, ...] | None, str]:
    """A row, or the error that PostgreSQL has for corrupt data. Raises psycopg.Error for any other."""
    try:
        return session.execute(query.encode(), values or None).fetchone(), ""
    except (psycopg.errors.DataCorrupted, psycopg.errors.IndexCorrupted) as error:
        return None, f"{error.sqlstate} {str(error).splitlines()[0]}"


def wrong(seen: DataChecked, baseline: DataChecked) -> tuple[str, ...]:
    """The tables that can be read and are not what they were."""
    return tuple(name for name, had in baseline.tables.items() if seen.tables.get(name) not in (had, ""))


def is_sound(seen: DataChecked, baseline: DataChecked) -> bool:
    """Whether everything can be read and is what it was."""
    return not seen.errors and not seen.damaged and seen.tables == baseline.tables


def try_check(sight: Sight, host: str, port: int) -> DataChecked | None:
    """The same, or None where nobody answers."""
    try:
        return check(sight, host, port)
    except (psycopg.OperationalError, NameNotFound):
        return None
