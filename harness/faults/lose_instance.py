"""A database instance is lost with its storage and its hidden standby."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from harness.capabilities import Losable


@dataclass(frozen=True, slots=True)
class LoseInstance:
    """Host, standby and storage go at once: nothing fails over by itself. It may come back one day."""

    needs: ClassVar[type] = Losable

    def inject(self, target: Losable) -> None:
        target.lose()

    def has_bitten(self, target: Losable) -> bool:
        return target.is_lost() and not target.is_running()

    def heal(self, target: Losable) -> None:
        if target.is_lost():
            target.come_back()
