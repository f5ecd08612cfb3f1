"""Spoiled snapshots of one replication group: files that load well and do not hold what they should."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from harness.capabilities import Spoiling
from harness.machines.disk import room
from harness.machines.valkey import ValkeyServer
from harness.machines.valkey_spoiling import thin_out

_GOOD = ".good"


class SpoiledSnapshots:
    """What was good is kept beside each file, so that it can be mended."""

    def __init__(self, files: Callable[[], list[Path]], scratch: Callable[[], ValkeyServer]) -> None:
        self._files = files
        """The group's snapshots, oldest first."""
        self._scratch = scratch

    def spoil(self, how: Spoiling) -> None:
        """Every snapshot that there is; one that is cut short has half of the keys, a stale one what the first had."""
        files = self._files()
        for file in files:
            good = _good(file)
            with room(file.parent):
                if not good.exists():
                    shutil.copyfile(file, good)
                if how is Spoiling.STALE:
                    shutil.copyfile(_good(files[0]) if _good(files[0]).exists() else files[0], file)
            if how is not Spoiling.STALE:
                thin_out(file, self._scratch(), keeps=0.5 if how is Spoiling.TRUNCATED else 0)

    def are_spoiled(self) -> bool:
        return any(_good(file).exists() for file in self._files())

    def mend(self) -> None:
        """May be called twice."""
        for file in self._files():
            if _good(file).exists():
                _good(file).rename(file)


def _good(file: Path) -> Path:
    return file.with_name(file.name + _GOOD)
