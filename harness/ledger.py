"""The ledger's files: what each client sent and heard, as fixed-width rows that numpy reads at once.

A client appends a row when a write is answered (or given up); a client with several writes in flight appends a SENT
row first, so that a write cut off by the client's own death is known to be unknown. A client with one write in flight
a writer number needs no SENT rows: the row after its last one is the only unknown. Rows are written with write(2)
before the next write is sent.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from harness.errors import EvidenceError

Rows = npt.NDArray[np.void]


LEDGER = np.dtype(
    [
        ("seq", "<u8"),  # numbered from 1 for each writer
        ("due", "<i8"),  # monotonic ns: when it should have been sent
        ("sent", "<i8"),  # when it was
        ("done", "<i8"),  # when the answer (for a visitor: of the read-back) came; 0 in a SENT row
        ("acked", "<i8"),  # when the acknowledgement of the write came; 0 when none did
        ("digest", "<u8"),  # of the content, see heard.digest()
        ("writer", "<u4"),
        ("heard", "u1"),  # Heard
        ("read_back", "u1"),  # ReadBack
        ("status", "<u2"),  # HTTP status, 0 where there is none
    ]
)
"""A row of a client's ledger file, 56 bytes; `harness.heard.ROW` packs it."""

STORED = np.dtype(
    [
        ("writer", "<u4"),
        ("seq", "<u8"),
        ("digest", "<u8"),
        ("created", "<i8"),  # monotonic ns: when the database says it was made; 0 where nobody looked
    ]
)
"""A row as found in the database after the drill, 28 bytes."""


DIGEST_SQL = "('x' || substr(md5(project_id || ':' || user_id || ':' || payload), 1, 16))::bit(64)::bigint"
"""Of a row of task_submissions; see `heard.content`."""


def read_rows(path: Path, dtype: np.dtype[np.void]) -> Rows:
    """The rows of a file, memory-mapped; a last row cut short by a crash is left out. Raises EvidenceError."""
    try:
        whole = path.stat().st_size // dtype.itemsize
    except OSError as error:
        raise EvidenceError(f"{path.name} cannot be read: {error.strerror}") from error
    if whole == 0:
        return np.empty(0, dtype)
    return np.memmap(path, dtype, mode="r", shape=(whole,))
