"""A replica's storage gives out when it is promoted, so the promotion never completes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from harness.capabilities import FailsToPromote


@dataclass(frozen=True, slots=True)
class BreakPromotion:
    """The replica reads and replays well; only the promotion needs what its storage no longer gives."""

    needs: ClassVar[type] = FailsToPromote

    def inject(self, target: FailsToPromote) -> None:
        target.break_next_promotion()

    def has_bitten(self, target: FailsToPromote) -> bool:
        return target.promotion_failed()

    def heal(self, target: FailsToPromote) -> None:
        target.mend_promotion()
