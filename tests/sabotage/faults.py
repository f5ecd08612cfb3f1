"""Faults that are none."""

from __future__ import annotations

import dataclasses
from typing import ClassVar

from harness.capabilities import Killable


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
