"""A client's own ledger: rows are on file before the client goes on, and on disk a tenth of a second later."""

from __future__ import annotations

import os
import threading

from harness.heard import ROW, Heard, ReadBack

_SYNC_EVERY = 0.1

_sync = getattr(os, "fdatasync", os.fsync)


class LedgerFile:
    """Appends rows with one write(2) each, so that threads can share it and the death of the client cuts none short."""

    def __init__(self, path: str) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._closed = threading.Event()
        self._syncing = threading.Thread(target=self._sync_often, name="ledger-sync", daemon=True)
        self._syncing.start()

    def append(
        self,
        writer: int,
        seq: int,
        digest: int,
        *,
        due: int,
        sent: int,
        heard: Heard,
        done: int = 0,
        acked: int = 0,
        read_back: ReadBack = ReadBack.NOT_TRIED,
        status: int = 0,
    ) -> None:
        """Put a row on file. Raises OSError when it is not there as a whole."""
        row = ROW.pack(seq, due, sent, done, acked, digest, writer, heard, read_back, status)
        if os.write(self._file, row) != len(row):
            raise OSError("the ledger's last row was cut short")

    def close(self) -> None:
        """Bring the last rows to disk."""
        self._closed.set()
        self._syncing.join()
        _sync(self._file)
        os.close(self._file)

    def _sync_often(self) -> None:
        while not self._closed.wait(_SYNC_EVERY):
            _sync(self._file)
