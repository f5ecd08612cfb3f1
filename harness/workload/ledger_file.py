"""A client's own ledger: rows are on file before the client goes on, and on disk a tenth of a second later."""

from __future__ import annotations

import os
import threading

from harness.heard import ROW

_SYNC_EVERY = 0.1

_sync = getattr(os, "fdatasync", os.fsync)


class LedgerFile:
    """Appends rows with one write(2) each, so that threads can share it and the death of the client cuts none short."""

    def __init__(self, path: str) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._closed = threading.Event()
        self._syncing = threading.Thread(target=self._sync_often, name="ledger-sync", daemon=True)
        self._syncing.start()

    def put(self, fields: tuple[int, ...]) -> None:
        """Put a row on file, its fields in ROW's order. Raises OSError when it is not there as a whole."""
        if os.write(self._file, ROW.pack(*fields)) != ROW.size:
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
