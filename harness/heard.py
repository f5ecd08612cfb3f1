"""What a client can know of its write, and the ledger's row as the clients write it.

Apart from `harness.ledger`, which reads these rows, because a client has to start fast and must not import numpy.
"""

from __future__ import annotations

import enum
import hashlib
import struct


class Heard(enum.IntEnum):
    """What the client knows of its write."""

    SENT = 0
    ACKNOWLEDGED = 1
    REFUSED = 2
    UNKNOWN = 3


class ReadBack(enum.IntEnum):
    """What a visitor saw when it read its write again, or a reader in what it asked for."""

    NOT_TRIED = 0
    RIGHT = 1
    WRONG = 2
    FAILED = 3
    """Of a reader: the answer was right, and the cache was gone."""
    MISSED = 4
    """Of a reader: the answer was right, and the cache did not hold it."""


ROW = struct.Struct("<QqqqqQIBBH")
"""One row: seq, due, sent, done, acked, digest, writer, heard, read_back, status; see `ledger.LEDGER`."""


def content(project: int, user: int, payload: str) -> str:
    """Everything of a write that must come back as it was sent, as DIGEST_SQL puts it together."""
    return f"{project}:{user}:{payload}"


KEPT = "written:"
"""What the names of the keeper's values begin with; the writer and the number follow."""


def digest(text: str) -> int:
    """The first 8 bytes of its MD5, as DIGEST_SQL has PostgreSQL compute them of a row's content."""
    return int.from_bytes(hashlib.md5(text.encode(), usedforsecurity=False).digest()[:8], "big")
