"""The probe of likeness: is what was restored there to stay, and how does it differ from the original?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from harness.facts import Probed
from harness.probes.witness import checked

_STAYS = frozenset({"available", "modifying", "backing-up", "snapshotting"})
"""What a resource is that nobody is taking away."""


def there_to_stay(name: str, status: str) -> Probed:
    """Whether what was restored is there, and will be: one that is being deleted may answer well until it is gone."""
    return checked(name, status in _STAYS, status or "gone")


def as_original(trait: str) -> str:
    """The name of the check of a trait."""
    return f"{trait} of the original"


def compared(had: Mapping[str, str], has: Mapping[str, str]) -> Iterator[Probed]:
    """Each trait of what was restored, beside the original's."""
    for trait, wanted in had.items():
        same = has[trait] == wanted
        said = has[trait] if same else f"{has[trait] or 'none'} instead of {wanted or 'none'}"
        yield checked(as_original(trait), same, said)
