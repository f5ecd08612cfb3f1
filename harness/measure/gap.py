"""The fate of every write: what the clients were told, against what the surviving database holds.

    stored:          once, unaltered      twice or more    altered          not at all
    acknowledged     kept                 duplicated       corrupted        lost
    unknown          unknown_present      duplicated       corrupted        unknown_absent
    refused          phantom              phantom          phantom          refused
    never written    phantom              phantom          phantom

A row is altered when its content is not what was sent, or when it claims to be made before its write was sent or after
that was acknowledged. Each write falls into one class, counted once however many copies are stored. A refused write
that is found is a phantom: the client was told that it certainly was not stored, and would have sent it again. Unknown
are also a write with a SENT row only, and, where stored, the one after the last row of a writer without SENT rows: its
client died before it could say more.

Writes are compared in windows of `seq`; each window reads only the pieces of the files that reach into it. Because
numbers grow with time, that is about one reading for files of any length. Memory: at most half a million ledger rows
and as many stored ones at a time, with what they are compared through about 100 MB.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import numpy as np

from harness.clock import span
from harness.heard import Heard
from harness.ledger import Rows
from harness.measure.pieces import Pieces, windows
from harness.measure.restored import Restored
from harness.measure.rows import Instants, chunks
from harness.measure.window import WRITERS, Fates, compare, key_of
from harness.record import DataGap

_EXAMPLES = 20
_CLOCKS = 5_000_000
"""Nanoseconds by which a moment that the API was told may be another on the ledgers' clock."""
_DISORDER = 250_000_000
"""Nanoseconds by which acknowledgements may reach the clients in another order than the commits were made."""


@dataclass(slots=True)
class _Tally:
    """What was counted so far."""

    classes: Counter[str] = field(default_factory=Counter)
    acknowledged: int = 0
    oldest_lost: int | None = None
    newest_kept: int = 0
    lost_acked: list[Instants] = field(default_factory=list)
    after_closing: int = 0
    after_failed_switch: int = 0
    before_point: int = 0
    beyond_point: int = 0
    examples: list[str] = field(default_factory=list)

    def add(
        self, fates: Fates, struck: int | None, closed: int | None, switch_failed: int | None, restored: Restored | None
    ) -> None:
        """Count the fates of one window."""
        self.classes.update(fates.classes)
        self.acknowledged += fates.acknowledged
        if len(fates.lost_acked):
            oldest = int(fates.lost_acked.min())
            self.oldest_lost = oldest if self.oldest_lost is None else min(oldest, self.oldest_lost)
        self.after_closing += _from(closed, fates.lost_sent)  # a client may have read late what was answered in time
        self.after_failed_switch += _from(switch_failed, fates.lost_acked)
        if restored and restored.point is not None:
            self.before_point += int(np.count_nonzero(fates.lost_acked < restored.point))
            if restored.exact:
                beyond = (fates.kept_sent > restored.point + _CLOCKS) & (fates.kept_acked < restored.begun)
                self.beyond_point += int(np.count_nonzero(beyond))
        self.lost_acked.append(fates.lost_acked)
        before = fates.kept_acked if struck is None else fates.kept_acked[fates.kept_acked <= struck]
        self.newest_kept = max(self.newest_kept, int(before.max(initial=0)))
        self.examples += fates.examples[: _EXAMPLES - len(self.examples)]

    def total(self, struck: int | None, closed: int | None, restored: Restored | None) -> DataGap:
        """The gap, all windows counted."""
        lost = struck is not None and self.oldest_lost is not None
        # what was struck goes on losing until it is closed
        losing = [int(acked[acked < (closed or 0)].max(initial=0)) for acked in self.lost_acked]
        until = max(struck or 0, *losing, 0)
        return DataGap(
            measured=self.acknowledged > 0,
            acknowledged=self.acknowledged,
            kept=self.classes["kept"],
            lost=self.classes["lost"],
            refused=self.classes["refused"],
            unknown_present=self.classes["unknown_present"],
            unknown_absent=self.classes["unknown_absent"],
            phantom=self.classes["phantom"],
            duplicated=self.classes["duplicated"],
            corrupted=self.classes["corrupted"],
            age=max(timedelta(0), span(self.oldest_lost or 0, until)) if lost else timedelta(0),
            lost_after_closing=self.after_closing,
            lost_amid_kept=sum(
                int(np.count_nonzero(acked < self.newest_kept - _DISORDER)) for acked in self.lost_acked
            ),
            restored_to=restored.point if restored else None,
            restore_unknown=restored is not None and restored.point is None,
            lost_before_point=self.before_point,
            kept_beyond_point=self.beyond_point,
            lost_after_failed_switch=self.after_failed_switch,
            examples=tuple(self.examples),
        )


def _from(instant: int | None, times: Instants) -> int:
    return 0 if instant is None else int(np.count_nonzero(times >= instant))


def gap(
    ledgers: Sequence[Rows],
    stored: Rows | None,
    *,
    writers: Sequence[int] = (),
    struck: int | None = None,
    closed: int | None = None,
    switch_failed: int | None = None,
    restored: Restored | None = None,
) -> DataGap:
    """Compare the clients' ledgers with the rows read back; `writers` are the numbers that clients were given.

    `closed` is when the struck one could take no write any more. Where data was `restored`, all that was acknowledged
    since its moment is lost by intention, and nothing else may be.
    Without rows read back, or an acknowledged write, nothing is measured. Raises EvidenceError when a ledger
    contradicts itself.
    """
    written = Pieces(ledgers)
    if stored is None:
        return DataGap(measured=False)
    found = Pieces([stored])
    implied = _implied(ledgers, writers)
    tally = _Tally()
    for low, high in windows(written, found):
        fates = compare(written.within(low, high), found.within(low, high), implied)
        tally.add(fates, struck, closed, switch_failed, restored)
    return tally.total(struck, closed, restored)


def _implied(ledgers: Sequence[Rows], writers: Sequence[int]) -> frozenset[int]:
    """The keys of writes that a client with one write in flight may have sent before it died."""
    last, announced = dict.fromkeys(writers, 0), set[int]()
    for rows in ledgers:
        for chunk in chunks(rows):
            writer, seq = chunk["writer"].astype(np.int64), chunk["seq"]
            for one in np.flatnonzero(np.bincount(np.minimum(writer, WRITERS))).tolist():
                last[one] = max(last.get(one, 0), int(seq[writer == one].max(initial=0)))
            announced.update(writer[chunk["heard"] == Heard.SENT].tolist())
    return frozenset(key_of(writer, seq + 1) for writer, seq in last.items() if writer not in announced)
