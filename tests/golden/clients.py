"""The clients of a synthetic drill: their ledger files, and what was read back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from harness.facts import CacheReadBackTaken, ClientEnded, ClientKind, ClientStarted, ReadBackTaken
from harness.heard import Heard, ReadBack, digest
from harness.ledger import LEDGER, STORED, Rows
from tests.golden.shape import Shape

if TYPE_CHECKING:
    from tests.golden.story import Story

SECOND = 1_000_000_000
STRIKE = 10 * SECOND
BEGIN = -4.0


class Client(NamedTuple):
    """A client with one writer number, and the seconds between two of its requests."""

    name: str
    kind: ClientKind
    follows: str
    writer: int
    every: float


SERVICE = (
    Client("visitor-fresh", ClientKind.VISITOR, "fresh", 1, 0.02),
    Client("visitor-ttl", ClientKind.VISITOR, "ttl", 2, 0.02),
    Client("writers", ClientKind.WRITER, "ttl", 3, 0.01),
)
OF_CACHE = (Client("reader", ClientKind.READER, "ttl", 4, 0.02), Client("keeper", ClientKind.KEEPER, "ttl", 5, 0.02))


def told(folder: Path, story: Story) -> Iterator[tuple[float, object]]:
    """Write the ledgers and tell of the clients; where a cache was struck, its clients alone feel it and decide."""
    cached = story.shape is Shape.CACHE
    kept: dict[bool, list[Rows]] = defaultdict(list)
    for number, client in enumerate((*SERVICE, *OF_CACHE) if cached else SERVICE):
        decides = (client in OF_CACHE) is cached
        down = (0.004, 1e9 if story.back is None else story.back + 0.12 * number)
        rows = _rows(client, story.ends - 1.0, down if story.bites and decides else (1e9, 1e9))
        file = f"ledger/{client.name}.bin"
        rows.tofile(folder / file)
        if client.kind is not ClientKind.READER:
            kept[client in OF_CACHE].append(rows[rows["heard"] == Heard.ACKNOWLEDGED])
        every, writers = timedelta(seconds=client.every), (client.writer,)
        yield (
            BEGIN - 0.1,
            ClientStarted(client.name, client.kind, file, client.follows, writers, every, decides),
        )
        yield story.ends - 0.9, ClientEnded(client.name, 0, True)
    stored = _stored(np.concatenate(kept[False]), 0 if cached else story.lost)
    stored.tofile(folder / "ledger" / "readback.bin")
    yield story.ends - 0.5, ReadBackTaken("ledger/readback.bin", len(stored), "labelmintit-production-db-read-replica")
    if cached:
        held = _stored(np.concatenate(kept[True]), story.lost)
        held.tofile(folder / "ledger" / "cache-readback.bin")
        source = "labelmintit-production-redis-restored"
        yield story.ends - 0.5, CacheReadBackTaken("ledger/cache-readback.bin", len(held), source)


def _rows(client: Client, end: float, gone: tuple[float, float]) -> Rows:
    """What a client sent and heard; a reader is answered without the cache as well."""
    due = np.arange(BEGIN, end, client.every)
    rows = np.zeros(len(due), LEDGER)
    rows["seq"] = np.arange(1, len(due) + 1)
    rows["writer"] = client.writer
    rows["due"] = STRIKE + (due * SECOND).astype(np.int64)
    rows["sent"] = rows["due"] + 90_000
    rows["done"] = rows["due"] + 4_000_000 + (np.sin(due * 7) * 1_500_000).astype(np.int64)
    rows["digest"] = [digest(f"{client.writer}:{seq}") for seq in rows["seq"]]
    down = (due >= gone[0]) & (due < gone[1])
    if client.kind is ClientKind.READER:
        rows["acked"], rows["heard"], rows["status"] = rows["done"] - 1_200_000, Heard.ACKNOWLEDGED, 200
        rows["read_back"] = np.where(down, ReadBack.FAILED, ReadBack.RIGHT)
        return rows
    rows["acked"] = np.where(down, 0, rows["done"] - 1_200_000)
    rows["heard"] = np.where(down, Heard.REFUSED, Heard.ACKNOWLEDGED)
    if client.kind is ClientKind.VISITOR:
        rows["read_back"] = np.where(down, ReadBack.NOT_TRIED, ReadBack.RIGHT)
        rows["status"] = np.where(down, 503, 201)
    first = int(np.argmax(down))
    if down.any():
        rows["heard"][first] = Heard.UNKNOWN
        rows["status"][first] = 0
    return rows


def _stored(acknowledged: Rows, lost: int) -> Rows:
    """What is held in the end: all that was acknowledged but the youngest `lost` before the strike."""
    before = np.flatnonzero(acknowledged["acked"] < STRIKE)
    youngest_last = before[np.argsort(acknowledged["acked"][before], kind="stable")]
    survives = np.ones(len(acknowledged), bool)
    survives[youngest_last[len(youngest_last) - lost :]] = False
    rows = np.zeros(int(survives.sum()), STORED)
    for column in ("writer", "seq", "digest"):
        rows[column] = acknowledged[survives][column]
    return rows
