"""Faults that are none, or not for long."""

from __future__ import annotations

import dataclasses
import threading
from typing import ClassVar

from harness.capabilities import Killable, Losable


@dataclasses.dataclass(frozen=True, slots=True)
class Claimed:
    """A fault that breaks nothing; `claims` is what it says of that."""

    claims: bool
    needs: ClassVar[type] = Killable

    def inject(self, target: Killable) -> None:
        """Nothing happens."""

    def has_bitten(self, target: Killable) -> bool:
        return self.claims

    def heal(self, target: Killable) -> None:
        """Nothing to undo."""


class HealsByItself:
    """The primary is lost, and is back before anybody has promoted anything."""

    needs: ClassVar[type] = Losable

    def inject(self, target: Losable) -> None:
        target.lose()
        threading.Timer(0.8, target.come_back).start()

    def has_bitten(self, target: Losable) -> bool:
        return target.is_lost() and not target.is_running()

    def heal(self, target: Losable) -> None:
        if target.is_lost():
            target.come_back()
