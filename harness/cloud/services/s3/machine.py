"""The machine behind a bucket: what faults strike. Replicating, HoldsObjects and Vanishing (harness.capabilities)."""

from __future__ import annotations

from typing import Any

from harness.cloud.services.s3.replication import Replicator
from harness.cloud.services.s3.store import Store, Version
from harness.errors import MachineFailed

_OF_TEN_DELETED, _OF_TEN_OVERWRITTEN = (0, 3, 6), (1, 4)
"""Of every ten objects, by their place in the list."""


class BucketMachine:
    """One bucket of the estate; as the copy of another one it can be cut off from it."""

    def __init__(self, name: str, store: Store, replicator: Replicator) -> None:
        self.name = name
        self._store = store
        self._replicator = replicator
        self._mischief: list[Version] = []
        self._gone: Any = None

    def cut_replication(self) -> None:
        self._replicator.cut(self.name)

    def restore_replication(self) -> None:
        self._replicator.restore(self.name)

    def is_receiving(self) -> bool:
        return not self._replicator.is_cut(self.name)

    def spoil_objects(self) -> None:
        """Delete three of ten objects and overwrite two. May be called twice."""
        if self._mischief:
            return
        with self._store.lock:
            before = set(self._store.versions(self.name))
            for place, key in enumerate(sorted(one.name for one in self._store.current(self.name))):
                if place % 10 in _OF_TEN_DELETED:
                    self._store.delete(self.name, key)
                elif place % 10 in _OF_TEN_OVERWRITTEN:
                    self._store.put(self.name, key, b"overwritten by mistake")
            self._mischief = [version for version in self._store.versions(self.name) if version not in before]
        if not self._mischief:
            raise MachineFailed(f"{self.name} holds nothing that could be spoiled")
        self._replicator.look(self.name)

    def objects_are_spoiled(self) -> bool:
        """Whether what was done is still what a reader finds."""
        mine, newest = set(self._mischief), {v.key: v for v in self._store.versions(self.name)}
        return bool(mine & set(newest.values()))

    def mend_objects(self) -> None:
        """Take the markers and the wrong versions away. May be called twice."""
        with self._store.lock:
            for version in self._mischief:
                self._store.remove(version)
            self._mischief = []

    def vanish(self) -> None:
        with self._store.lock:
            if self._gone is None:
                self._gone = self._store.take_out(self.name)

    def has_vanished(self) -> bool:
        return self._gone is not None and self._store.bucket(self.name) is not self._gone

    def reappear(self) -> None:
        with self._store.lock:
            gone, self._gone = self._gone, None
            if gone is not None:
                self._store.put_back(gone)
