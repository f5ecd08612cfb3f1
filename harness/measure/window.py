"""Comparing what was written with what is stored, all within one window. Vectors only; nothing is looped over rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from harness.errors import EvidenceError
from harness.heard import Heard
from harness.ledger import LEDGER, Rows
from harness.measure.rows import chosen

Keys = npt.NDArray[np.uint64]

SEQ_BITS = 40
WRITERS = 1 << 16
"""Clients number their writers below this, and their writes below 2**40."""
_SHOWN = 20
_CLOCKS = 1_000_000_000
"""Nanoseconds by which the database's clock may be another than the clients'."""
_NEVER = 1 << 62


@dataclass(frozen=True, slots=True)
class Fates:
    """How many writes fell into each class, when the lost and the kept were sent and acknowledged, and examples."""

    classes: Counter[str]
    acknowledged: int
    lost_acked: npt.NDArray[np.int64]
    lost_sent: npt.NDArray[np.int64]
    kept_acked: npt.NDArray[np.int64]
    kept_sent: npt.NDArray[np.int64]
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Written:
    """Each write once, sorted by key, with its last word."""

    key: Keys
    heard: npt.NDArray[np.uint8]
    digest: Keys
    acked: npt.NDArray[np.int64]
    sent: npt.NDArray[np.int64]


def key_of(writer: int, seq: int) -> int:
    """A write's writer and number as one integer."""
    return writer << SEQ_BITS | seq


def compare(written: Iterable[Rows], stored: Iterable[Rows], implied: Collection[int]) -> Fates:
    """The fate of each write. `implied` are keys of writes that may have been under way when their client died.

    Raises EvidenceError when the ledger contradicts itself.
    """
    writes = _written(written)
    key, digest, created, foreign = _stored(stored)
    place = np.searchsorted(writes.key, key)
    known = np.zeros(len(key), np.bool_)
    inside = place < len(writes.key)
    known[inside] = writes.key[place[inside]] == key[inside]
    copies = np.bincount(place[known], minlength=len(writes.key))
    wrong = known.copy()
    misdated = _misdated(writes, place[known], created[known]) & (
        copies[place[known]] == 1
    )  # a copy is as old as it is
    wrong[known] = (writes.digest[place[known]] != digest[known]) | misdated
    altered = np.bincount(place[wrong], minlength=len(writes.key)) > 0
    strange, counts = np.unique(key[~known], return_counts=True)
    under_way = np.isin(strange, np.array(sorted(implied), np.uint64))
    groups = _groups(writes, copies, altered)
    groups["phantom"] = np.concatenate([groups["phantom"], strange[~under_way]])
    groups["unknown_present"] = np.concatenate([groups["unknown_present"], strange[under_way & (counts == 1)]])
    groups["duplicated"] = np.concatenate([groups["duplicated"], strange[under_way & (counts > 1)]])
    classes = Counter({name: len(keys) for name, keys in groups.items()})
    classes["phantom"] += len(foreign)
    acknowledged = writes.heard == Heard.ACKNOWLEDGED
    lost, kept = acknowledged & (copies == 0), acknowledged & (copies > 0)
    times = (writes.acked[lost], writes.sent[lost], writes.acked[kept], writes.sent[kept])
    return Fates(classes, int(acknowledged.sum()), *times, (*_examples(groups), *foreign))


def _misdated(writes: _Written, place: npt.NDArray[np.int64], created: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Where a row claims to be made before its write was sent, or after that was acknowledged."""
    acked = np.where(writes.heard == Heard.ACKNOWLEDGED, writes.acked, _NEVER)[place]
    early, late = created < writes.sent[place] - _CLOCKS, created > acked + _CLOCKS
    misdated: npt.NDArray[np.bool_] = (created != 0) & (early | late)
    return misdated


def _groups(writes: _Written, copies: npt.NDArray[np.int64], altered: npt.NDArray[np.bool_]) -> dict[str, Keys]:
    """The keys of each class, as the table in `gap` draws them."""
    acknowledged, refused = writes.heard == Heard.ACKNOWLEDGED, writes.heard == Heard.REFUSED
    unknown, absent = ~acknowledged & ~refused, copies == 0
    once = ~refused & ~altered & (copies == 1)
    chosen = {
        "lost": acknowledged & absent,
        "corrupted": ~refused & altered,
        "duplicated": ~refused & ~altered & (copies > 1),
        "phantom": refused & ~absent,
        "kept": acknowledged & once,
        "unknown_present": unknown & once,
        "unknown_absent": unknown & absent,
        "refused": refused & absent,
    }
    return {name: writes.key[mask] for name, mask in chosen.items()}


def _examples(groups: dict[str, Keys]) -> Iterable[str]:
    for what in ("lost", "corrupted", "duplicated", "phantom"):
        for key in groups[what][:_SHOWN]:
            yield f"{what} {int(key) >> SEQ_BITS}:{int(key) & ((1 << SEQ_BITS) - 1)}"


def _written(pieces: Iterable[Rows]) -> _Written:
    columns: list[_Written] = []
    for rows in pieces:
        if len(rows) and (rows["writer"].max() >= WRITERS or rows["seq"].max() >> np.uint64(SEQ_BITS)):
            raise EvidenceError("a ledger holds a writer or a number that no client uses")
        columns.append(
            _Written(
                _keys(rows), rows["heard"].copy(), rows["digest"].copy(), rows["acked"].copy(), rows["sent"].copy()
            )
        )
    columns.append(_written_nothing())
    key = np.concatenate([column.key for column in columns])
    order = np.argsort(key, kind="stable")
    key = key[order]
    heard = np.concatenate([column.heard for column in columns])[order]
    last = np.append(key[1:] != key[:-1], True)[: len(key)]
    if np.any(heard[~last] != Heard.SENT):
        raise EvidenceError("a ledger answers the same write twice", hint="Two clients had the same number.")
    digest = np.concatenate([column.digest for column in columns])[order]
    acked = np.concatenate([column.acked for column in columns])[order]
    sent = np.concatenate([column.sent for column in columns])[order]
    return _Written(key[last], heard[last], digest[last], acked[last], sent[last])


def _written_nothing() -> _Written:
    none = np.empty(0, LEDGER)
    return _Written(_keys(none), none["heard"], none["digest"], none["acked"], none["sent"])


def _stored(pieces: Iterable[Rows]) -> tuple[Keys, Keys, npt.NDArray[np.int64], list[str]]:
    """The keys, digests and dates of the stored rows, and those rows that have no key because no client numbers so."""
    keys, digests, foreign = [np.empty(0, np.uint64)], [np.empty(0, np.uint64)], list[str]()
    created = [np.empty(0, np.int64)]
    for rows in pieces:
        ours = (rows["writer"] < WRITERS) & (rows["seq"] >> np.uint64(SEQ_BITS) == 0)
        foreign += [f"phantom {row['writer']}:{row['seq']}" for row in rows[~ours]]
        taken = chosen(rows, ours)
        keys.append(_keys(taken))
        digests.append(taken["digest"].copy())
        created.append(taken["created"].copy())
    return np.concatenate(keys), np.concatenate(digests), np.concatenate(created), foreign


def _keys(rows: Rows) -> Keys:
    keys: Keys = rows["writer"].astype(np.uint64) << np.uint64(SEQ_BITS) | rows["seq"]
    return keys
