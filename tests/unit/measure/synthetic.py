"""Ledgers of a service whose outage is known, as a visitor would have written them."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from harness.facts import ClientKind, ClientStarted
from harness.heard import Heard, ReadBack, digest
from harness.ledger import LEDGER, STORED, Rows

MS = 1_000_000
SECOND = 1_000 * MS
EVERY = 20 * MS
PATIENCE = SECOND
BEGIN = 1_000 * SECOND


def client(
    kind: ClientKind = ClientKind.VISITOR, *, writers: tuple[int, ...] = (1,), every: int = EVERY, decides: bool = True
) -> ClientStarted:
    return ClientStarted(
        client=f"{kind}-{writers[0]}",
        kind=kind,
        file=f"ledger/{kind}-{writers[0]}.bin",
        follows="ttl",
        writers=writers,
        every=timedelta(microseconds=every / 1000),
        decides=decides,
    )


@dataclass(frozen=True, slots=True)
class Service:
    """Down from `lost` to before `back`; `hangs` instead of refusing; `flight` is the least time of one way, in ns."""

    lost: int
    back: int
    hangs: bool
    flight: int
    seed: int

    def up(self, at: int) -> bool:
        return not self.lost <= at < self.back


def visits(service: Service, seconds: float, *, stall: tuple[int, int] = (0, 0)) -> Rows:
    """A visitor's ledger in the order in which it writes; in `stall` (from, to) the visitor itself stands still."""
    chance, rows = random.Random(service.seed), list[tuple[int, ...]]()
    for number in range(int(seconds * SECOND / EVERY)):
        due = BEGIN + number * EVERY
        sent = _awake(due + chance.randint(0, MS // 2), stall)
        rows.append((number + 1, due, sent, 0, 0, digest(str(number)), 1, Heard.SENT, ReadBack.NOT_TRIED, 0))
        rows.append(_answer(service, chance, number + 1, due, sent, stall))
    rows.sort(key=lambda row: row[3] or row[2])
    return np.array(rows, LEDGER)


def _answer(
    service: Service, chance: random.Random, seq: int, due: int, sent: int, stall: tuple[int, int]
) -> tuple[int, ...]:
    """Four ways, each of one to two flights: the write there and back, the read-back there and back.

    What has arrived while the visitor stood still is there when it goes on, whatever became of the service.
    """
    way = [chance.randint(service.flight, 2 * service.flight) for _ in range(4)]
    written = sent + way[0]
    answered = written + way[1]
    acked = _awake(answered, stall)
    read = acked + way[2]
    found_again = read + way[3]
    done = _awake(found_again, stall)
    status, heard, found = 201, Heard.ACKNOWLEDGED, ReadBack.RIGHT
    lost_on_the_way = service.hangs and (not service.up(answered) or written < service.lost <= answered)
    if not service.up(written) or lost_on_the_way:
        status, acked, found = 0, 0, ReadBack.NOT_TRIED
        heard = Heard.UNKNOWN if service.hangs else Heard.REFUSED
        done = sent + PATIENCE if service.hangs else answered
    elif not service.up(read) or (service.hangs and read < service.lost <= found_again):
        found = ReadBack.FAILED
        done = sent + PATIENCE if service.hangs else done
    return seq, due, sent, done, acked, digest(str(seq)), 1, heard, found, status


def _awake(at: int, stall: tuple[int, int]) -> int:
    return stall[1] if stall[0] <= at < stall[1] else at


def written(count: int, *, writer: int = 1, first: int = 1, heard: Heard = Heard.ACKNOWLEDGED, at: int = BEGIN) -> Rows:
    """`count` writes of one writer, a millisecond apart, each answered after half of one."""
    rows = np.zeros(count, LEDGER)
    number = np.arange(count)
    rows["seq"], rows["writer"], rows["heard"] = first + number, writer, heard
    rows["due"] = rows["sent"] = at + number * MS
    rows["done"] = rows["sent"] + MS // 2
    rows["acked"] = rows["done"] if heard is Heard.ACKNOWLEDGED else 0
    rows["digest"] = number + writer * 1_000_003
    return rows


def stored(rows: Rows) -> Rows:
    """The same writes as the database holds them."""
    found = np.zeros(len(rows), STORED)
    for column in ("writer", "seq", "digest"):
        found[column] = rows[column]
    return found
