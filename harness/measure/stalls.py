"""When the host did not run what it should: what failed then says nothing of the service.

A visitor sends on schedule whatever the service does, so a request that left late was late because nobody ran the
visitor. Direct writers wait for answers and tell nothing of the kind. Of the servers the kernel tells (HostStarved).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from harness.ledger import Rows
from harness.measure.rows import Instants, chunks

STALL = 250_000_000
"""Nanoseconds by which a request must have been late."""


def _none() -> Instants:
    return np.empty(0, np.int64)


@dataclass(frozen=True, slots=True)
class Stalls:
    """Stretches of time, in order and apart from each other."""

    begin: Instants = field(default_factory=_none)
    end: Instants = field(default_factory=_none)

    def meet(self, begin: int, end: int) -> bool:
        """Whether the host stood still at some moment between the two."""
        place = int(np.searchsorted(self.end, begin))
        return place < len(self.end) and int(self.begin[place]) <= end


def stalls(visitors: Iterable[Rows], starved: Iterable[tuple[int, int]] = ()) -> Stalls:
    """When at least one of these clients was not run, from when a late request was due until it was sent, or the host
    was `starved`."""
    told = np.array(list(starved), np.int64).reshape(-1, 2)
    due, sent = [told[:, 0]], [told[:, 1]]
    for rows in visitors:
        for chunk in chunks(rows):
            late = chunk[chunk["sent"] - chunk["due"] > STALL]
            due.append(late["due"].copy())
            sent.append(late["sent"].copy())
    begin, end = np.concatenate(due), np.concatenate(sent)
    order = np.argsort(begin, kind="stable")
    begin, end = begin[order], np.maximum.accumulate(end[order])
    apart = np.flatnonzero(begin[1:] > end[:-1])
    first = np.append(0, apart + 1)[: len(begin)]
    last = np.append(apart, len(end) - 1)[: len(end)]
    return Stalls(begin[first], end[last])
