"""Somebody registered wrong targets at a balancer, and deregistered those that serve."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from harness.capabilities import HasTargets


@dataclass(frozen=True, slots=True)
class MisdirectTargets:
    """The tasks run and are well, but the balancer sends to a port where nobody listens, and to a dead address."""

    needs: ClassVar[type] = HasTargets

    def inject(self, target: HasTargets) -> None:
        target.misdirect()

    def has_bitten(self, target: HasTargets) -> bool:
        return target.is_misdirected()

    def heal(self, target: HasTargets) -> None:
        target.direct_back()
