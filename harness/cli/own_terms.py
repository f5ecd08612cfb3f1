"""Whether a bundle was judged by its drill's own terms: a softer drill proves nothing about this one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from harness.facts import DrillStarted
from harness.objectives import Objectives

if TYPE_CHECKING:
    from harness.cli.catalogue import Entry
    from harness.estate import Estate


def as_specified(entry: Entry, estate: Estate, told: DrillStarted) -> DrillStarted:
    """The terms that a drill had to be judged by; its run, its place and its pace are as the bundle tells them."""
    from harness.drill.terms import respecified  # the whole drill comes with it, and takes half a second

    return respecified(told, entry.spec, estate, entry.objectives)


def other_terms(told: DrillStarted, ours: DrillStarted) -> Iterator[str]:
    """Each term of a bundle that is not the drill's."""
    for field in fields(DrillStarted):
        had, wanted = getattr(told, field.name), getattr(ours, field.name)
        if had != wanted:
            yield f"{field.name.replace('_', ' ')} {_said(had)} instead of {_said(wanted)}"


def _said(value: Any) -> str:
    if isinstance(value, Objectives):
        return f"RTO {value.rto}, RPO {value.rpo}, availability {value.availability:.4%}"
    return (", ".join(map(str, value)) or "none") if isinstance(value, tuple) else str(value)
