"""After the drill: every submission that a client wrote, read from the database that survived."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import numpy as np
import psycopg

from harness.dial import Directory, conninfo
from harness.errors import WorkloadFailed
from harness.facts import ReadBackTaken
from harness.ledger import DIGEST_SQL, STORED
from harness.login import Login

FILE = "ledger/readback.bin"
_COPY = f"""
    COPY (SELECT least(coalesce(writer, -1), 2147483647)::int, coalesce(seq, 0)::bigint, coalesce({DIGEST_SQL}, 0),
                 coalesce(created_at, '-infinity')
            FROM task_submissions WHERE writer IS DISTINCT FROM 0) TO STDOUT (FORMAT binary)
""".encode()  # noqa: S608 - our own words
_HEADER = 19
"""Bytes before the first row: signature, flags and the length of an extension that is empty."""
_WIRE = np.dtype([
    ("fields", ">i2"),
    ("length of writer", ">i4"), ("writer", ">u4"),
    ("length of seq", ">i4"), ("seq", ">u8"),
    ("length of digest", ">i4"), ("digest", ">u8"),
    ("length of created", ">i4"), ("created", ">i8"),
])  # fmt: skip
"""A row as COPY sends it: each value after its length, none null."""
_POSTGRES_EPOCH = 946_684_800
"""Seconds from 1970 to 2000, from when PostgreSQL counts its microseconds."""
_FAR = 1 << 52
"""Microseconds; what is dated farther from 2000, infinity included, is as wrong at this distance."""
_TRAILER = b"\xff\xff"
_BATCH = 20_000
"""Rows that are converted together; memory does not grow with the number of rows."""


def read_back(directory: Directory, host: str, port: int, login: Login, folder: Path) -> ReadBackTaken:
    """Read the submissions into the bundle's FILE. Raises WorkloadFailed when the database cannot be read."""
    target = folder / FILE
    target.parent.mkdir(parents=True, exist_ok=True)
    terms = conninfo(directory, host, port, user=login.user, password=login.password, database=login.database)
    try:
        with psycopg.connect(**terms, autocommit=True) as connection, target.open("wb") as file:  # type: ignore[arg-type]
            source = connection.execute("SELECT current_setting('cluster_name')").fetchone()
            zero = time.time_ns() - time.monotonic_ns()
            rows = sum(_store(batch, file, zero) for batch in _batches(connection))
    except psycopg.Error as error:
        raise WorkloadFailed(f"what {host} holds cannot be read back: {error}") from error
    return ReadBackTaken(FILE, rows, str(source[0]) if source else "")


def _batches(connection: psycopg.Connection) -> Iterator[bytes]:
    """The rows of COPY, some at a time. Reads at libpq's level: psycopg's own loop takes three times as long."""
    line = connection.pgconn
    _check(line.exec_(_COPY), psycopg.pq.ExecStatus.COPY_OUT)
    _, first = line.get_copy_data(0)
    held = [bytes(first)[_HEADER:]]
    while True:
        size, data = line.get_copy_data(0)
        if size < 0:
            break
        held.append(bytes(data))
        if len(held) == _BATCH:
            yield b"".join(held)
            held.clear()
    yield b"".join(held).removesuffix(_TRAILER)
    _check(line.get_result(), psycopg.pq.ExecStatus.COMMAND_OK)
    while line.get_result():  # the session is idle only once libpq has given all it has
        continue


def _check(result: psycopg.pq.abc.PGresult | None, wanted: int) -> None:
    if result is None or result.status != wanted:
        raise psycopg.OperationalError(result.error_message.decode(errors="replace") if result else "no result")


def _store(batch: bytes, file: BinaryIO, zero: int) -> int:
    """`zero` is when the monotonic clock was 0, in ns since 1970: the ledgers' clock is what dates are compared by."""
    wire = np.frombuffer(batch, _WIRE)
    rows = np.empty(len(wire), STORED)
    for column in ("writer", "seq", "digest"):
        rows[column] = wire[column]
    since_2000 = np.clip(wire["created"].astype(np.int64), -_FAR, _FAR) * 1000
    rows["created"] = since_2000 + (_POSTGRES_EPOCH * 1_000_000_000 - zero)
    rows["created"][rows["created"] == 0] = 1
    rows.tofile(file)
    return len(rows)
