"""Given: what was promised, and a drill in steady state."""

from __future__ import annotations

import importlib
import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import pytest
from pytest_bdd import given, parsers

from harness import garbage
from harness.drill import Drill
from harness.environments import environment_named
from harness.errors import UnknownDrill
from harness.estate import load_estate
from harness.objectives import Objectives, Outcome, parse_objectives
from harness.operators import operator_named
from harness.spec import DrillSpec
from harness.verdict import Verdict
from steps import allure_bridge
from steps.options import OPTIONS


@given("these recovery objectives:", target_fixture="objectives")
def recovery_objectives(datatable: list[list[str]]) -> Objectives:
    return parse_objectives({row[0]: row[1] for row in datatable})


@given(parsers.parse('the "{name}" drill in steady state'), target_fixture="drill")
def drill_in_steady_state(name: str, objectives: Objectives, request: pytest.FixtureRequest) -> Drill:
    options = request.config.stash[OPTIONS]
    drill = Drill(
        spec_named(name),
        estate=load_estate(options.config.estate),
        environment=environment_named(options.environment),
        operator=operator_named(options.operator),
        objectives=objectives,
        config=options.config,
        folder=options.out / name,
        run=uuid4().hex[:8],
    )
    request.addfinalizer(lambda: close(drill, request.node, options.config.runbook_url))
    drill.prepare()
    return drill


def close(drill: Drill, item: pytest.Item, runbook_url: str | None = None) -> None:
    """The finalizer of every drill: the build fails unless the whole verdict is a pass, or exactly the declared gap."""
    garbage.not_at_the_end()
    with uninterrupted():
        verdict = drill.close()
        allure_bridge.attach_drill(item, drill.folder, runbook_links(drill.spec.runbook, runbook_url))
    if verdict.effective is not Outcome.PASS:
        pytest.fail(said(verdict), pytrace=False)


def runbook_links(section: str, url: str | None) -> list[tuple[str, str]]:
    """The name and the address of a drill's section of the runbook; none where nobody said where the runbook is.

    The anchor is the last heading's, as GitHub makes them: lower case, spaces to hyphens, punctuation gone.
    """
    heading = section.rsplit(" / ", maxsplit=1)[-1]
    anchor = re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
    return [(f"Runbook: {heading}", f"{url}#{anchor}")] if url else []


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Hold a Ctrl-C back, and raise it at the end: half a teardown would leave servers, and evidence unsealed."""
    held: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, _: held.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if held:
        raise KeyboardInterrupt


def said(verdict: Verdict) -> str:
    """The verdict and every finding that is not a pass, a line each."""
    lines = [f"{f.outcome.name} {f.name}: {f.detail}" for f in verdict.findings if f.outcome is not Outcome.PASS]
    if verdict.known_gap:
        lines.append(f"known gap {verdict.known_gap.finding}: {verdict.known_gap.status}")
    return "\n".join([f"the verdict is {verdict.outcome.name}", *lines])


def spec_named(name: str) -> DrillSpec:
    """The DRILL of `scenarios/<name>.py`. Raises UnknownDrill."""
    module = f"scenarios.{name.replace('-', '_')}"
    try:
        spec = importlib.import_module(module).DRILL
    except ModuleNotFoundError as error:
        if error.name != module:
            raise
        raise UnknownDrill(
            f"there is no drill {name}", hint=f"A drill is a file {module.replace('.', '/')}.py."
        ) from error
    if not isinstance(spec, DrillSpec) or spec.name != name:
        raise UnknownDrill(f"{module} does not hold the drill {name}", hint=f'Its DRILL must be named "{name}".')
    return spec
