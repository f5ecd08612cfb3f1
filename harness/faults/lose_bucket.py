"""A bucket is gone with every version of every object in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from harness.capabilities import Vanishing


@dataclass(frozen=True, slots=True)
class LoseBucket:
    """The bucket was emptied and deleted: only what was copied elsewhere is left."""

    needs: ClassVar[type] = Vanishing

    def inject(self, target: Vanishing) -> None:
        target.vanish()

    def has_bitten(self, target: Vanishing) -> bool:
        return target.has_vanished()

    def heal(self, target: Vanishing) -> None:
        target.reappear()
