"""Bytes of a page on storage are not those that were written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from harness.capabilities import Corruptible


@dataclass(frozen=True, slots=True)
class CorruptPage:
    """Checksums tell of it when the page is read from storage; every other page reads well."""

    needs: ClassVar[type] = Corruptible

    def inject(self, target: Corruptible) -> None:
        target.corrupt_page()

    def has_bitten(self, target: Corruptible) -> bool:
        return target.refuses_page()

    def heal(self, target: Corruptible) -> None:
        target.mend_page()
