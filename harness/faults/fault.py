"""What a fault is: it is struck, it has bitten, later it is healed. Healing undoes our sabotage; it is not recovery.

set up ──inject──> struck ──has_bitten──> bitten ──heal──> healed      (heal is legal from anywhere, and twice)
"""

from __future__ import annotations

from typing import ClassVar, Protocol, TypeVar

T_contra = TypeVar("T_contra", contravariant=True)


class Fault(Protocol[T_contra]):
    """One way for a thing to break; `needs` is the capability that its target must have."""

    needs: ClassVar[type]

    def inject(self, target: T_contra) -> None:
        """Break it, and return at once."""
        ...

    def has_bitten(self, target: T_contra) -> bool:
        """Whether the target is really broken; looks, changes nothing."""
        ...

    def heal(self, target: T_contra) -> None:
        """Undo the fault; harmless when there is nothing to undo."""
        ...
