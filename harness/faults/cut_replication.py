"""A replica stops receiving from its source."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from harness.capabilities import Replicating


@dataclass(frozen=True, slots=True)
class CutReplication:
    """The replica is cut off from its source's log; it answers readers as if nothing had happened."""

    needs: ClassVar[type] = Replicating

    def inject(self, target: Replicating) -> None:
        target.cut_replication()

    def has_bitten(self, target: Replicating) -> bool:
        return not target.is_receiving()

    def heal(self, target: Replicating) -> None:
        target.restore_replication()
