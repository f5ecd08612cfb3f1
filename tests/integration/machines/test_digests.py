"""The digest of a table is another one whenever its rows are, and the same in whatever order they are stored."""

from __future__ import annotations

import psycopg
import pytest

from harness.machines.postgres import PostgresServer
from harness.probes.digests import digest, selected

SUBMISSIONS = "task_submissions"


def read(session: psycopg.Connection, query: str) -> str:
    row = session.execute(query.encode()).fetchone()
    assert row
    return str(row[0])


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE task_submissions SET payload = 'another' WHERE id = 7",
        "UPDATE task_submissions s SET payload = o.payload FROM task_submissions o WHERE s.id + o.id = 17",
        "UPDATE task_submissions SET created_at = created_at + interval '1 us' WHERE id = 7",
        "DELETE FROM task_submissions WHERE id = 7",
        "INSERT INTO task_submissions (project_id, user_id, payload) VALUES (1, 1, 'one more')",
        "DELETE FROM task_submissions",
    ],
    ids=["one altered", "values exchanged", "a moment later", "one gone", "one more", "none left"],
)
def test_any_change_is_told(primary: PostgresServer, sql: str) -> None:
    primary.start()
    with primary.admin() as session:
        before = read(session, selected(SUBMISSIONS))
        session.execute(sql.encode())
        assert read(session, selected(SUBMISSIONS)) != before


def test_the_order_of_rows_is_no_change(primary: PostgresServer) -> None:
    primary.start()
    with primary.admin() as session:
        before = read(session, selected(SUBMISSIONS))
        session.execute("UPDATE task_submissions SET payload = payload WHERE id % 3 = 0")
        session.execute("VACUUM FULL task_submissions")
        assert read(session, selected(SUBMISSIONS)) == before


def test_rows_that_are_left_out_are_told_like_rows_that_are_not_there(primary: PostgresServer) -> None:
    primary.start()
    with primary.admin() as session:
        before = read(session, selected(SUBMISSIONS))
        session.execute("INSERT INTO task_submissions (project_id, user_id, writer, payload) VALUES (1, 1, 3, 'new')")
        assert read(session, selected(SUBMISSIONS, "writer = 0")) == before
        assert read(session, f"SELECT {digest(SUBMISSIONS, 'writer = 0')} FROM task_submissions") == before
