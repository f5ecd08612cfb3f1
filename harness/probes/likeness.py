"""The probe of likeness: how what was restored differs from the original, trait by trait."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from harness.facts import Probed
from harness.probes.witness import checked


def as_original(trait: str) -> str:
    """The name of the check of a trait."""
    return f"{trait} of the original"


def compared(had: Mapping[str, str], has: Mapping[str, str]) -> Iterator[Probed]:
    """Each trait of what was restored, beside the original's."""
    for trait, wanted in had.items():
        same = has[trait] == wanted
        said = has[trait] if same else f"{has[trait] or 'none'} instead of {wanted or 'none'}"
        yield checked(as_original(trait), same, said)
