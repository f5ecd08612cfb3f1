"""The backups are not what they seem: cut short, empty, or of long ago. Nothing shows it before a restore."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from harness.capabilities import BackedUp, Spoiling


@dataclass(frozen=True, slots=True)
class SpoilBackups:
    """Every backup that there is; those that are taken later are good."""

    how: Spoiling = Spoiling.TRUNCATED

    needs: ClassVar[type] = BackedUp

    def inject(self, target: BackedUp) -> None:
        target.spoil_backups(self.how)

    def has_bitten(self, target: BackedUp) -> bool:
        return target.backups_are_spoiled()

    def heal(self, target: BackedUp) -> None:
        target.mend_backups()
