"""What a fault is: it is struck, it has bitten, later it is healed. Healing undoes our sabotage; it is not recovery.

set up ──inject──> struck ──has_bitten──> bitten ──heal──> healed      (heal is legal from anywhere, and twice)
"""

from __future__ import annotations

from dataclasses import fields, is_dataclass
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


def told(fault: object) -> str:
    """What a fault is called, with what it was given beside its defaults: "LoseRegion (black hole)"."""
    given = [
        field.name.replace("_", " ") if getattr(fault, field.name) is True else str(getattr(fault, field.name))
        for field in (fields(fault) if is_dataclass(fault) else ())
        if getattr(fault, field.name) != field.default
    ]
    return f"{type(fault).__name__} ({', '.join(given)})" if given else type(fault).__name__
