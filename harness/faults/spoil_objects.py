"""Objects of a bucket are deleted or overwritten, as a wrong script with valid credentials would do it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from harness.capabilities import HoldsObjects


@dataclass(frozen=True, slots=True)
class SpoilObjects:
    """Some are deleted, some get other content under their name; older versions stay where there are any."""

    needs: ClassVar[type] = HoldsObjects

    def inject(self, target: HoldsObjects) -> None:
        target.spoil_objects()

    def has_bitten(self, target: HoldsObjects) -> bool:
        return target.objects_are_spoiled()

    def heal(self, target: HoldsObjects) -> None:
        target.mend_objects()
