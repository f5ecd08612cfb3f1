"""The probe of recent transactions: is every write there that a client had heard to be done before a moment?"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

import numpy as np
import psycopg

from harness.clock import Clock
from harness.heard import Heard
from harness.ledger import DIGEST_SQL, LEDGER, Rows, read_rows

_HELD = f"SELECT writer, seq, {DIGEST_SQL} FROM task_submissions WHERE writer > 0".encode()  # noqa: S608 - our words
_CLOCKS = 5_000_000
"""Nanoseconds by which a moment that the API was told may be another on the ledgers' clock."""
_UNSIGNED = (1 << 64) - 1

Write = tuple[int, int, int]
"""Writer, number and digest of the content."""


def on_the_ledgers_clock(clock: Clock, moment: datetime) -> int:
    """A moment that the API tells, in monotonic nanoseconds."""
    return clock.now() - round((clock.wall() - moment).total_seconds() * 1e9)


def acknowledged(ledgers: Iterable[Path], point: int) -> Rows:
    """What the clients' ledgers hold as done before a point of their clock, the oldest first. Raises EvidenceError."""
    found = [np.empty(0, LEDGER)]
    for ledger in ledgers:
        rows = read_rows(ledger, LEDGER)
        found.append(rows[(rows["heard"] == Heard.ACKNOWLEDGED) & (rows["acked"] < point - _CLOCKS)])
    whole = np.concatenate(found)
    return whole[np.argsort(whole["acked"], kind="stable")]


def sent(ledgers: Iterable[Path], *, since: int = 0) -> frozenset[Write]:
    """Every write that a client sent since then, whatever it heard. Raises EvidenceError."""
    found: set[Write] = set()
    for ledger in ledgers:
        rows = read_rows(ledger, LEDGER)
        rows = rows[rows["sent"] >= since]
        found.update(zip(rows["writer"].tolist(), rows["seq"].tolist(), rows["digest"].tolist(), strict=True))
    return frozenset(found)


def held(session: psycopg.Connection) -> frozenset[Write]:
    """Every write of a client that a database holds. Raises psycopg.Error."""
    return frozenset((writer, seq, digest & _UNSIGNED) for writer, seq, digest in session.execute(_HELD))


def missing(writes: Rows, there: frozenset[Write]) -> list[Write]:
    """The writes that are not there, or not as they were sent."""
    told = zip(writes["writer"].tolist(), writes["seq"].tolist(), writes["digest"].tolist(), strict=True)
    return [write for write in told if write not in there]
