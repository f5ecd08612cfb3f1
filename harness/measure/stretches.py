"""The bad probes of a client, and in a few figures the good ones around each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from harness.facts import ClientKind
from harness.ledger import LEDGER, Rows
from harness.measure.rows import Instants, answered, chosen, chunks, is_good

NEVER = np.iinfo(np.int64).max
_FLIGHTS = 2_000_000_000
"""Nanoseconds before the loss from which the usual flight time is taken."""


@dataclass(frozen=True, slots=True)
class Seen:
    """The bad probes by `sent`; how many there were in all, when the last was sent, how many good ones ended before."""

    bad: Rows
    probes: int
    last: int | None
    good_before: int


@dataclass(frozen=True, slots=True)
class Stretches:
    """The good probes before, between and after the bad ones: stretch i lies before bad probe i and after i-1.

    `first_proof` is when the first answer came, `last_proof` a moment at which the last request was still to be served.
    """

    count: Instants
    first_due: Instants
    last_due: Instants
    first_proof: Instants
    last_proof: Instants


def look(rows: Rows, kind: ClientKind | None, struck: int) -> Seen:
    """Collect the bad probes."""
    found, probes, last, good_before = [np.empty(0, LEDGER)], 0, None, 0
    for chunk in chunks(rows):
        done = answered(chunk)
        if not len(done):
            continue
        good = is_good(done, kind)
        found.append(done[~good])
        probes += len(done)
        last = max(last or 0, int(done["sent"].max()))
        good_before += int(np.count_nonzero(good & (done["done"] < struck)))
    bad = np.concatenate(found)
    return Seen(bad[np.argsort(bad["sent"], kind="stable")], probes, last, good_before)


def stretches_of(rows: Rows, kind: ClientKind | None, bad: Rows) -> Stretches:
    """The stretches of good probes around the bad ones."""
    size, order = len(bad) + 1, np.ascontiguousarray(bad["sent"])
    least, most = np.full(size, NEVER), np.full(size, -NEVER)
    found = Stretches(np.zeros(size, np.int64), least, most, least.copy(), most.copy())
    answer, request = ("acked", "acked") if kind is ClientKind.VISITOR else ("done", "sent")
    for chunk in chunks(rows):
        good = answered(chunk)
        good = chosen(good, is_good(good, kind))
        place = np.searchsorted(order, good["sent"], side="right")
        if np.any(place[1:] < place[:-1]):
            by_place = np.argsort(place, kind="stable")
            good, place = good.take(by_place), place[by_place]
        begin = np.flatnonzero(np.append(True, place[1:] != place[:-1])[: len(place)])
        which = place[begin]
        found.count[which] += np.diff(np.append(begin, len(place)))
        for total, fold, column in (
            (found.first_due, np.minimum, "due"),
            (found.last_due, np.maximum, "due"),
            (found.first_proof, np.minimum, answer),
            (found.last_proof, np.maximum, request),
        ):
            total[which] = fold(total[which], fold.reduceat(good[column], begin))
    return found


def flight_before(rows: Rows, kind: ClientKind | None, lost: int) -> int:
    """The longest flight of the good probes sent in the 2 s before `lost`; 0 when there were none."""
    longest = 0
    for chunk in chunks(rows):
        sent = chunk["sent"]
        near = chunk[(sent < lost) & (sent >= lost - _FLIGHTS)]
        near = near[is_good(near, kind)]
        longest = max(longest, int((near["done"] - near["sent"]).max(initial=0)))
    return longest
