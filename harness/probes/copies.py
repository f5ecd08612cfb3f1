"""The probe of a database that was made of a backup: does it hold what the original held at that moment?"""

from __future__ import annotations

from datetime import datetime, timedelta

import psycopg

from harness.probes.database import connected
from harness.probes.digests import selected
from harness.probes.sight import Sight

_SEEDED = f"SELECT ({selected('users')}), ({selected('projects')}), ({selected('task_submissions', 'writer = 0')})"
_WRITTEN = selected("task_submissions", "writer > 0 AND created_at < %s")
_NEWEST = "SELECT max(created_at) FROM task_submissions WHERE writer > 0"
_TABLES = ("users", "projects", "task_submissions")
_HEAP = "SELECT count(*), min(msg) FROM verify_heapam(%s::regclass)"
_INDEX = "SELECT bt_index_check((%s || '_pkey')::regclass, true, false)"
_SMOKE = """
INSERT INTO task_submissions (project_id, user_id, writer, seq, payload) VALUES (1, 1, 65534, 1, 'smoke test')
RETURNING id
"""
_MARGIN = timedelta(milliseconds=250)
"""Rows made just before a backup is begun may be committed after it."""


def differences(
    sight: Sight, original: tuple[str, int], copy: tuple[str, int], moment: datetime
) -> tuple[list[str], str]:
    """What is wrong with a copy of `moment`, and what was compared. Raises psycopg.Error or NameNotFound.

    Counts and digests of all that was there before anybody wrote and of all that was written before the moment,
    amcheck of every table, and the application's own statements.
    """
    cut = moment - _MARGIN
    with (
        connected(sight.directory, *original, sight.login) as live,
        connected(sight.directory, *copy, sight.login) as made,
    ):
        had, has = live.execute(_SEEDED.encode()).fetchone(), made.execute(_SEEDED.encode()).fetchone()
        wrong = [] if had == has else [f"users, projects and seeded rows are {has} instead of {had}"]
        wrote, kept = (session.execute(_WRITTEN.encode(), [cut]).fetchone() for session in (live, made))
        assert wrote
        assert kept
        if wrote != kept:
            wrong.append(f"of before {moment:%H:%M:%S} it has {kept[0]} instead of {wrote[0]}")
        newest = made.execute(_NEWEST).fetchone()
        wrong += _damage(made)
        wrong += _smoke(made)
    last = f", newest {newest[0]}" if newest and newest[0] else ""
    said = f"all seeded rows and {wrote[0]} written before {moment:%Y-%m-%d %H:%M:%S}{last}"
    return wrong, said


def _damage(session: psycopg.Connection) -> list[str]:
    """What amcheck finds in any table or its primary key."""
    found = []
    for table in _TABLES:
        try:
            row = session.execute(_HEAP, [table]).fetchone()
            session.execute(_INDEX, [table])
        except (psycopg.errors.DataCorrupted, psycopg.errors.IndexCorrupted) as error:
            found.append(f"{table}: {str(error).splitlines()[0]}")
        else:
            found += [f"{table}: {row[1]}"] if row and row[0] else []
    return found


def _smoke(session: psycopg.Connection) -> list[str]:
    """Write, read back and take away, as the application does."""
    row = session.execute(_SMOKE).fetchone()
    if row is None:
        return ["it takes no writes"]
    back = session.execute("SELECT payload FROM task_submissions WHERE id = %s", [row[0]]).fetchone()
    session.execute("DELETE FROM task_submissions WHERE id = %s", [row[0]])
    return [] if back == ("smoke test",) else ["what was written could not be read back"]
