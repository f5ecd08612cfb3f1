"""A segment of the archived log is gone: no point in time after it can be restored."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from harness.capabilities import Archiving


@dataclass(frozen=True, slots=True)
class LoseArchivedLog:
    """The archive loses a segment in silence; what was archived later is still there."""

    needs: ClassVar[type] = Archiving

    def inject(self, target: Archiving) -> None:
        target.lose_archived_log()

    def has_bitten(self, target: Archiving) -> bool:
        return target.has_archive_hole()

    def heal(self, target: Archiving) -> None:
        target.mend_archive()
