"""A database's host dies; its storage and its standby are not hurt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from harness.capabilities import Killable


@dataclass(frozen=True, slots=True)
class LoseHost:
    """As in a power cut: nothing is flushed, nobody is told. Where there is a standby, it takes over by itself."""

    needs: ClassVar[type] = Killable

    def inject(self, target: Killable) -> None:
        target.kill()

    def has_bitten(self, target: Killable) -> bool:
        return not target.is_running()

    def heal(self, target: Killable) -> None:
        if not target.is_running():
            target.start()
