"""A server dies as in a power cut."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from harness.capabilities import Killable


@dataclass(frozen=True, slots=True)
class KillProcess:
    """The process dies at once; nothing is flushed, its storage remains."""

    needs: ClassVar[type] = Killable

    def inject(self, target: Killable) -> None:
        target.kill()

    def has_bitten(self, target: Killable) -> bool:
        return not target.is_running()

    def heal(self, target: Killable) -> None:
        if not target.is_running():
            target.start()
