"""A drill's report leads to its section of the runbook, where somebody said where the runbook is."""

from __future__ import annotations

from steps.prepare import runbook_links

SECTION = "Database Disaster Recovery / Scenario 1: Primary RDS Instance Failure / Option A"


def test_the_last_heading_becomes_the_anchor() -> None:
    assert runbook_links("Drills / Scenario 1: It fails (again)", "https://wiki.example/dr") == [
        ("Runbook: Scenario 1: It fails (again)", "https://wiki.example/dr#scenario-1-it-fails-again")
    ]


def test_without_a_place_there_is_no_link() -> None:
    assert runbook_links(SECTION, None) == []
