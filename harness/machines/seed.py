"""The application's tables and the rows that are there before anybody writes; the same bytes each time."""

from __future__ import annotations

from harness.estate import Seed

SUPERUSER = "rdsadmin"
APP_USER = "labelmint_app"
REPLICATION_USER = "labelmint_replication"

_ROLES = f"""
CREATE ROLE {APP_USER} LOGIN;
CREATE ROLE {REPLICATION_USER} LOGIN REPLICATION;
CREATE EXTENSION pg_buffercache;
CREATE EXTENSION amcheck;
"""

_TABLES = """
CREATE TABLE users (
    id bigint PRIMARY KEY,
    email text NOT NULL UNIQUE,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE TABLE projects (
    id bigint PRIMARY KEY,
    owner_id bigint NOT NULL REFERENCES users,
    name text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE TABLE task_submissions (
    id bigserial PRIMARY KEY,
    project_id bigint NOT NULL REFERENCES projects,
    user_id bigint NOT NULL REFERENCES users,
    writer int NOT NULL DEFAULT 0,
    seq bigint NOT NULL DEFAULT 0,
    payload text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
-- not unique: a row that was written twice has to stay visible
CREATE INDEX task_submissions_writer_seq ON task_submissions (writer, seq);
CREATE SCHEMA drill;
CREATE TABLE drill.written (at timestamptz NOT NULL);
INSERT INTO drill.written VALUES (clock_timestamp());
"""

_RIGHTS = f"""
GRANT SELECT, INSERT, UPDATE, DELETE ON users, projects, task_submissions TO {APP_USER};
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {APP_USER};
-- as rds_superuser may
GRANT EXECUTE ON FUNCTION verify_heapam TO {APP_USER};
GRANT EXECUTE ON FUNCTION bt_index_check(regclass, boolean, boolean) TO {APP_USER};
"""

_ROWS = """
INSERT INTO users
    SELECT i, format('user%s@example.com', i), '2026-01-01Z'::timestamptz + i * interval '1 minute'
    FROM generate_series(1, {users}) AS i;
INSERT INTO projects
    SELECT i, 1 + i % {users}, format('project %s', i), '2026-01-02Z'::timestamptz + i * interval '1 minute'
    FROM generate_series(1, {projects}) AS i;
INSERT INTO task_submissions (project_id, user_id, writer, seq, payload, created_at)
    SELECT 1 + i % {projects}, 1 + i % {users}, 0, i, md5(i::text), '2026-01-03Z'::timestamptz + i * interval '1 second'
    FROM generate_series(1, {submissions}) AS i;
ANALYZE;
"""


def seed_sql(seed: Seed) -> str:
    """Everything that a new database of the estate holds. Rows of nobody have writer 0 and seq 1, 2, 3…"""
    rows = _ROWS.format(users=seed.users, projects=seed.projects, submissions=seed.task_submissions)
    return _ROLES + _TABLES + _RIGHTS + rows
