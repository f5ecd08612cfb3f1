"""A cheap look at what a client did lately: only the end of its ledger is read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import numpy as np

from harness.clock import span
from harness.errors import EvidenceError
from harness.facts import ClientKind
from harness.heard import Heard, ReadBack
from harness.ledger import LEDGER, Rows, read_rows
from harness.measure.rows import answered, is_good

_BLOCK = 4096


def recent(path: Path, since: int) -> Rows:
    """The rows written since an instant, and maybe some before it; none when there is no file yet."""
    try:
        rows = read_rows(path, LEDGER)
    except EvidenceError:
        return np.empty(0, LEDGER)
    begin = len(rows)
    while begin > 0:
        block = rows[max(0, begin - _BLOCK) : begin]
        if int(np.maximum(block["sent"], block["done"]).max()) < since:
            break
        begin = max(0, begin - _BLOCK)
    return np.array(rows[begin:])


def acknowledged(path: Path, since: int, *, read_back: bool, writers: Sequence[int] = (1,)) -> int:
    """How many writes each of these writer numbers, the least busy one counts, has heard to be done since then.

    With `read_back` only those found again as well.
    """
    rows = recent(path, since)
    good = (rows["heard"] == Heard.ACKNOWLEDGED) & (rows["acked"] >= since)
    if read_back:
        good &= rows["read_back"] == ReadBack.RIGHT
    return min(int(np.count_nonzero(good & (rows["writer"] == writer))) for writer in writers)


def hit_rate(readers: Sequence[Path], since: int) -> float | None:
    """The share of what these readers asked for since then that the cache held; None where nothing was answered."""
    rows = np.concatenate([np.empty(0, LEDGER), *(answered(recent(path, since)) for path in readers)])
    rows = rows[rows["sent"] >= since]
    return float(np.count_nonzero(rows["read_back"] == ReadBack.RIGHT)) / len(rows) if len(rows) else None


def met_bad(path: Path, kind: ClientKind, since: int) -> bool:
    """Whether a probe that ended since then was bad."""
    rows = answered(recent(path, since))
    return bool(np.any(~is_good(rows[rows["done"] >= since], kind)))


def good_for(path: Path, kind: ClientKind, since: int) -> timedelta:
    """Over which due times, up to the latest answer, every probe sent since then was good."""
    rows = answered(recent(path, since))
    rows = rows[rows["sent"] >= since]
    rows = rows[np.argsort(rows["sent"], kind="stable")]
    bad = np.flatnonzero(~is_good(rows, kind))
    run = rows[int(bad[-1]) + 1 :] if len(bad) else rows
    return span(int(run["due"].min()), int(run["due"].max())) if len(run) else timedelta(0)
