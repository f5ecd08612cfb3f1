"""A bad deployment rewrites rows, and a page on storage is not what was written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from harness.capabilities import Rewritable


@dataclass(frozen=True, slots=True)
class CorruptData:
    """Both kinds at once: rows that are wrong and look right, in every copy; a page that only checksums tell of."""

    needs: ClassVar[type] = Rewritable

    def inject(self, target: Rewritable) -> None:
        target.rewrite_rows()
        target.corrupt_page()

    def has_bitten(self, target: Rewritable) -> bool:
        return target.rows_are_rewritten() and target.refuses_page()

    def heal(self, target: Rewritable) -> None:
        target.mend_page()
        target.mend_rows()
