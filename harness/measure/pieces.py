"""Cutting long files into windows of `seq` that fit into memory, and finding the pieces that reach into a window."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from harness.ledger import Rows
from harness.measure.rows import chosen, chunks

LIMIT = 500_000
"""Rows of one kind that a window holds."""
_GRAIN = 13
"""Windows begin at multiples of 2**13."""
_LAST_GRAIN = (1 << 20) - 1
"""Numbers from 8 thousand million on are nobody's; they share the last window."""


@dataclass(frozen=True, slots=True)
class _Piece:
    rows: Rows
    lowest: int
    highest: int


class Pieces:
    """Some files' rows as pieces that know their range of `seq`; `counts` is how many rows each grain of it has."""

    def __init__(self, files: Sequence[Rows]) -> None:
        self.counts: npt.NDArray[np.int64] = np.zeros(0, np.int64)
        self._pieces = [self._piece(chunk) for file in files for chunk in chunks(file)]

    def within(self, low: int, high: int) -> Iterator[Rows]:
        """The rows numbered from `low` to before `high`, in the order of the files."""
        for piece in self._pieces:
            if piece.highest < low or piece.lowest >= high:
                continue
            yield chosen(piece.rows, (piece.rows["seq"] >= low) & (piece.rows["seq"] < high))

    def _piece(self, rows: Rows) -> _Piece:
        seq = np.ascontiguousarray(rows["seq"])
        grains = np.minimum(seq >> np.uint64(_GRAIN), np.uint64(_LAST_GRAIN)).astype(np.int64)
        counts = np.bincount(grains, minlength=len(self.counts))
        counts[: len(self.counts)] += self.counts
        self.counts = counts
        return _Piece(rows, int(seq.min()), int(seq.max()))


def windows(*kinds: Pieces) -> Iterator[tuple[int, int]]:
    """Ranges of `seq` that together hold every row, none with more than LIMIT of a kind unless one grain has."""
    low, held = 0, [0] * len(kinds)
    for grain in sorted({int(used) for kind in kinds for used in np.flatnonzero(kind.counts)}):
        more = [int(kind.counts[grain]) if grain < len(kind.counts) else 0 for kind in kinds]
        if any(a and a + b > LIMIT for a, b in zip(held, more, strict=True)):
            yield low << _GRAIN, grain << _GRAIN
            low, held = grain, [0] * len(kinds)
        held = [a + b for a, b in zip(held, more, strict=True)]
    yield low << _GRAIN, 1 << 64
