"""What pytest-bdd would let pass without a word is an error here.

- Two scenarios of one name in a feature: the first would silently never run.
- Tags on Examples: they would bypass the handling of tags, so no severity, no selection.
- A coroutine as a step: it would never be awaited and pass.
- A sentence that nobody defined: it would be found when its turn comes, after the disaster.
Tags that are not declared as markers are errors by --strict-markers.
"""

from __future__ import annotations

import inspect
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytest_bdd.gherkin_parser import Child, Scenario, get_gherkin_document
from pytest_bdd.scenario import find_fixturedefs_for_step, scenario_wrapper_template_registry


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    problems = [problem for feature in sorted(features_of(items)) for problem in problems_of(feature)]
    problems += dict.fromkeys(problem for item in items for problem in undefined(item))
    if problems:
        raise pytest.UsageError("\n".join(problems))


def pytest_bdd_before_step_call(step_func: Callable[..., object]) -> None:
    if inspect.iscoroutinefunction(step_func) or inspect.isasyncgenfunction(step_func):
        raise TypeError(f"step {step_func.__name__} is async: it would never be awaited, and pass")


def features_of(items: list[pytest.Item]) -> set[Path]:
    """The feature files of the scenarios among these tests."""
    functions = (getattr(item, "obj", None) for item in items)
    templates = (scenario_wrapper_template_registry.get(f) for f in functions if inspect.isfunction(f))
    return {Path(template.feature.filename) for template in templates if template is not None}


def undefined(item: pytest.Item) -> Iterator[str]:
    """Each sentence of a scenario that no step defines, with its place."""
    function = getattr(item, "obj", None)
    template = scenario_wrapper_template_registry.get(function) if inspect.isfunction(function) else None
    if template is None:
        return
    callspec = getattr(item, "callspec", None)
    scenario = template.render(callspec.params.get("_pytest_bdd_example", {}) if callspec else {})
    manager = item.session._fixturemanager
    for step in scenario.steps:
        if next(iter(find_fixturedefs_for_step(step, manager, item)), None) is None:
            place = f"{Path(scenario.feature.filename).name}:{step.line_number}"
            yield f'{place}: nothing defines "{step.keyword} {step.name}"; steps/ holds the sentences that there are'


def problems_of(feature: Path) -> Iterator[str]:
    """What is wrong with a feature file, a sentence each."""
    scenarios = list(_scenarios(get_gherkin_document(str(feature)).feature.children))
    for name, count in Counter(scenario.name for scenario in scenarios).items():
        if count > 1:
            yield f'{feature.name}: {count} scenarios are named "{name}", only the last would run'
    for scenario in scenarios:
        for examples in scenario.examples:
            if examples.tags:
                tags = " ".join(tag.name for tag in examples.tags)
                place = f"{feature.name}:{examples.location.line}"
                yield f'{place}: Examples carry tags ({tags}); tag "{scenario.name}" instead'


def _scenarios(children: list[Child]) -> Iterator[Scenario]:
    """Every scenario of a feature, those of its rules included."""
    for child in children:
        if child.scenario:
            yield child.scenario
        elif child.rule:
            yield from _scenarios(child.rule.children)
