"""The probe of the data itself: can it all be read, is it what it was, and what does amcheck say?"""

from __future__ import annotations

import psycopg

from harness.dial import NameNotFound
from harness.facts import DataChecked
from harness.probes.database import connected
from harness.probes.sight import Sight

_DIGESTS = {
    "users": "SELECT md5(string_agg(md5(u::text), '' ORDER BY id)) FROM users u",
    "projects": "SELECT md5(string_agg(md5(p::text), '' ORDER BY id)) FROM projects p",
    "task_submissions": "SELECT md5(string_agg(md5(s::text), '' ORDER BY id)) FROM task_submissions s WHERE writer = 0",
}
"""Every row that was there before anybody wrote, and never changes."""
_HEAP = "SELECT count(*), min(msg) FROM verify_heapam(%s::regclass)"
_INDEX = "SELECT bt_index_check((%s || '_pkey')::regclass, true, false)"


def check(sight: Sight, host: str, port: int) -> DataChecked:
    """Read all, compare nothing. Raises psycopg.OperationalError or NameNotFound where nobody answers."""
    clock = sight.clock
    with connected(sight.directory, host, port, sight.login) as session:
        began, wall = clock.now(), clock.wall()
        tables, errors, damaged = dict[str, str](), list[str](), list[str]()
        for table, digest in _DIGESTS.items():
            said, error = _asked(session, digest)
            tables[table] = str(said[0]) if said else ""
            errors += [f"{table}: {error}"] if error else []
            damaged += _amcheck(session, table)
    return DataChecked(host, began, wall, tables, tuple(errors), tuple(damaged))


def _amcheck(session: psycopg.Connection, table: str) -> list[str]:
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
