"""A whole region is out of reach: its servers, its balancers, its API."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from harness.capabilities import Darkening, Darkness


@dataclass(frozen=True, slots=True)
class LoseRegion:
    """All of it at once, and for as long as the recovery takes. As a black hole it is crueller: nobody is refused.

    With `control_planes` nothing can be changed either that AWS changes there for the whole world: records and health
    checks, roles and policies, the settings of buckets.
    """

    how: Darkness = Darkness.GONE
    control_planes: bool = False
    needs: ClassVar[type] = Darkening

    def inject(self, target: Darkening) -> None:
        target.go_dark(self.how, control_planes=self.control_planes)

    def has_bitten(self, target: Darkening) -> bool:
        return target.is_dark()

    def heal(self, target: Darkening) -> None:
        target.come_back()
