"""Reading ledger files a piece at a time, so that memory does not grow with their length."""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

import numpy as np
import numpy.typing as npt

from harness.facts import ClientKind
from harness.heard import Heard, ReadBack
from harness.ledger import Rows

Mask = npt.NDArray[np.bool_]
Instants = npt.NDArray[np.int64]

CHUNK = 1 << 15
"""Rows looked at together: 2 MB of a client's ledger, which stay in the processor's cache."""


def chunks(rows: Rows) -> Iterator[Rows]:
    """The rows in pieces, as views of the file."""
    plain = rows.view(np.ndarray)
    for start in range(0, len(rows), CHUNK):
        yield plain[start : start + CHUNK]


def chosen(rows: Rows, mask: Mask) -> Rows:
    """The rows where the mask is true; not copied when they all are.

    numpy takes ten times as long over `rows[mask]`, which copies a row field by field.
    """
    return rows if mask.all() else rows.compress(mask)


def answered(rows: Rows) -> Rows:
    """Without the SENT rows: a write's last row says all that its first one does."""
    return chosen(rows, rows["heard"] != Heard.SENT)


def is_good(rows: Rows, kind: ClientKind | None) -> Mask:
    """Served: acknowledged; for a visitor also read back as it was written, for a reader with the cache at work.

    Without a kind any answer will do, wherever it came from.
    """
    good: Mask = rows["heard"] == Heard.ACKNOWLEDGED
    match kind:
        case ClientKind.VISITOR:
            good &= rows["read_back"] == ReadBack.RIGHT
        case ClientKind.READER:
            good &= (rows["read_back"] == ReadBack.RIGHT) | (rows["read_back"] == ReadBack.MISSED)
        case ClientKind.WRITER | ClientKind.KEEPER | None:
            pass
        case _:
            assert_never(kind)
    return good
