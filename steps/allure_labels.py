"""A scenario's labels in Allure, put on when it is collected, so that `--allure-severities` selects by them."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_bdd.parser import ScenarioTemplate
from pytest_bdd.scenario import scenario_wrapper_template_registry

SEVERITIES = {"sev-0": "blocker", "sev-1": "critical", "sev-2": "normal", "sev-3": "minor"}
"""The runbook's severities in Allure's words."""


def label(item: pytest.Item) -> None:
    """Give a scenario its name and labels; any other test is left alone."""
    function = getattr(item, "obj", None)
    template = scenario_wrapper_template_registry.get(function) if inspect.isfunction(function) else None
    if function is None or template is None:
        return
    if not hasattr(function, "__allure_display_name__"):
        function.__allure_display_name__ = template.name
    for kind, value in labels_of(template):
        item.add_marker(pytest.mark.allure_label(value, label_type=kind))


def labels_of(template: ScenarioTemplate) -> Iterator[tuple[str, str]]:
    """Severity by tag (the scenario's own before its rule's and its feature's), and where it belongs."""
    feature, rule = template.feature, template.rule
    name, subject = feature.name or Path(feature.filename).stem, Path(feature.filename).parent.name
    epic = "Disaster recovery" if subject == "features" else f"{subject.capitalize()} disaster recovery"
    if severity := _severity(template.tags, rule.tags if rule else set(), feature.tags):
        yield "severity", severity
    yield "epic", epic
    yield "feature", name
    yield "story", rule.name if rule else template.name
    yield "parentSuite", epic
    yield "suite", name
    if rule:
        yield "subSuite", rule.name


def _severity(*places: set[str]) -> str | None:
    for tags in places:
        for tag in sorted(tags & set(SEVERITIES)):
            return SEVERITIES[tag]
    return None
