"""The clients of a synthetic drill: their ledger files, and what was read back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from harness.facts import ClientEnded, ClientKind, ClientStarted, ReadBackTaken
from harness.heard import Heard, ReadBack, digest
from harness.ledger import LEDGER, STORED, Rows

if TYPE_CHECKING:
    from tests.golden.story import Story

SECOND = 1_000_000_000
STRIKE = 10 * SECOND
BEGIN = -4.0
CLIENTS = (
    ("visitor-resolving", ClientKind.VISITOR, "labelmintit.com", 1, 0.02),
    ("visitor-caching", ClientKind.VISITOR, "labelmintit.com", 2, 0.02),
    ("writer", ClientKind.WRITER, "db.labelmintit.com", 3, 0.01),
)


def told(folder: Path, story: Story) -> Iterator[tuple[float, object]]:
    """Write the ledgers and tell of the clients."""
    kept = []
    for number, (name, kind, follows, writer, every) in enumerate(CLIENTS):
        rows = _rows(story, writer, every, late=0.12 * number, visits=kind is ClientKind.VISITOR)
        file = f"ledger/{name}.bin"
        rows.tofile(folder / file)
        kept.append(rows[rows["heard"] == Heard.ACKNOWLEDGED])
        yield BEGIN - 0.1, ClientStarted(name, kind, file, follows, (writer,), timedelta(seconds=every), True)
        yield story.ends - 0.9, ClientEnded(name, 0, True)
    stored = _stored(np.concatenate(kept), story)
    stored.tofile(folder / "ledger" / "readback.bin")
    yield story.ends - 0.5, ReadBackTaken("ledger/readback.bin", len(stored), "labelmintit-production-db-read-replica")


def _rows(story: Story, writer: int, every: float, *, late: float, visits: bool) -> Rows:
    due = np.arange(BEGIN, story.ends - 1.0, every)
    rows = np.zeros(len(due), LEDGER)
    rows["seq"] = np.arange(1, len(due) + 1)
    rows["writer"] = writer
    rows["due"] = STRIKE + (due * SECOND).astype(np.int64)
    rows["sent"] = rows["due"] + 90_000
    rows["done"] = rows["due"] + 4_000_000 + (np.sin(due * 7) * 1_500_000).astype(np.int64)
    rows["digest"] = [digest(f"{writer}:{seq}") for seq in rows["seq"]]
    down = (due >= 0.004) & (due < (1e9 if story.back is None else story.back + late)) if story.bites else due > 1e9
    rows["acked"] = np.where(down, 0, rows["done"] - 1_200_000)
    rows["heard"] = np.where(down, Heard.REFUSED, Heard.ACKNOWLEDGED)
    if visits:
        rows["read_back"] = np.where(down, ReadBack.NOT_TRIED, ReadBack.RIGHT)
        rows["status"] = np.where(down, 503, 201)
    first = int(np.argmax(down))
    if down.any():
        rows["heard"][first] = Heard.UNKNOWN
        rows["status"][first] = 0
    return rows


def _stored(acknowledged: Rows, story: Story) -> Rows:
    """What the database holds in the end: all that was acknowledged but the youngest `lost` before the strike."""
    before = np.flatnonzero(acknowledged["acked"] < STRIKE)
    youngest_last = before[np.argsort(acknowledged["acked"][before], kind="stable")]
    survives = np.ones(len(acknowledged), bool)
    survives[youngest_last[len(youngest_last) - story.lost :]] = False
    rows = np.zeros(int(survives.sum()), STORED)
    for column in ("writer", "seq", "digest"):
        rows[column] = acknowledged[survives][column]
    return rows
