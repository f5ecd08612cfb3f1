"""What a bundle says that it was judged by is held against the drill's specification, and not against its own word."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from harness.cli.catalogue import Entry, load_catalogue
from harness.cli.own_terms import as_specified, other_terms
from harness.cli.project import project_root
from harness.estate import load_estate
from harness.facts import DrillStarted
from tests.golden.story import PASS, terms

ROOT = project_root()
ESTATE = load_estate(ROOT / "scenarios/labelmint.toml")
ENTRIES = load_catalogue(ROOT).entries


def ours(entry: Entry) -> DrillStarted:
    """The terms of a drill as one that was rehearsed tells them."""
    return as_specified(entry, ESTATE, terms(PASS))


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_a_drill_that_was_rehearsed_as_specified_was_judged_by_its_own_terms(entry: Entry) -> None:
    """Also by another operator, at another pace, on another day: those are of the rehearsal."""
    told = replace(ours(entry), run="other", day="2027-01-01", pace=1.0, operator="somebody")
    assert list(other_terms(told, as_specified(entry, ESTATE, told))) == []


@pytest.mark.parametrize(
    "softer",
    [
        {"promises": ()},
        {"planned_steps": ("validate the service",)},
        {"signals": ()},
        {"fault_lasts": False},
        {"names": ()},
        {"checks": ("one look",)},
        {"decision_time": timedelta(0)},
        {"recovers_to": ("primary-database", "read-replica")},
        {"known_gap": "RTO"},
        {"rehearsal_rto": timedelta(hours=1)},
    ],
    ids=lambda softer: next(iter(softer)),
)
def test_softer_terms_are_named(softer: dict[str, Any]) -> None:
    [entry] = (entry for entry in ENTRIES if entry.name == "database-promote-replica")
    told = replace(ours(entry), **softer)
    [other] = other_terms(told, as_specified(entry, ESTATE, told))
    assert other.startswith(f"{next(iter(softer)).replace('_', ' ')} ")
    assert " instead of " in other
