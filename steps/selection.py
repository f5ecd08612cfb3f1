"""Which drill a scenario is, told by its own Given; used to run only the drills that were asked for."""

from __future__ import annotations

import pytest
from pytest_bdd.scenario import scenario_wrapper_template_registry

from harness.spec import DRILL_SENTENCE
from steps.options import OPTIONS


def drill_of(item: pytest.Item) -> str | None:
    """The drill that a scenario names; None for a test that is no drill."""
    template = scenario_wrapper_template_registry.get(getattr(item, "obj", drill_of))
    for step in template.steps if template else ():
        if found := DRILL_SENTENCE.match(step.name):
            return found["name"]
    return None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    wanted = config.stash[OPTIONS].drills
    if not wanted:
        return
    kept = [item for item in items if drill_of(item) in wanted]
    missing = wanted - {drill_of(item) for item in items}
    if missing:
        raise pytest.UsageError(f"no scenario runs {', '.join(sorted(missing))}")
    config.hook.pytest_deselected(items=[item for item in items if item not in kept])
    items[:] = kept
