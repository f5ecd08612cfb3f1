"""Gherkin in Allure: scenarios by their names, steps with status and time, tables as attachments, the drill's evidence.

allure-pytest alone shows no steps; allure-pytest-bdd writes the repr of every fixture, secrets included. So this
plugin drives allure-pytest's own reporter from pytest-bdd's hooks. It reaches it through `allure_listener`, which is
half private: the version is pinned and a contract test reads the result files. Without `--alluredir` it does nothing.
Allure's durations are for people; no figure of a verdict comes from them.
"""

from __future__ import annotations

import csv
import io
import sys
import time
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from allure_commons.model2 import Parameter, Status, TestResult, TestStepResult
from allure_commons.types import AttachmentType
from allure_pytest.utils import get_status, get_status_details
from pytest_bdd.parser import Feature, Scenario, Step
from pytest_bdd.steps import step_function_context_registry

from steps import allure_files
from steps.allure_labels import label

_LISTENER = "allure_listener"
_BRIDGE = "the drill in Allure"
_DRILLS = pytest.StashKey[list[tuple[Path, tuple[tuple[str, str], ...]]]]()


def attach_drill(item: pytest.Item, bundle: Path, links: Sequence[tuple[str, str]] = ()) -> None:
    """Have a sealed bundle shown with this test once its teardown is over; `links` are (name, URL or path).

    Call it from the drill's finalizer. Without `--alluredir` it costs nothing.
    """
    item.stash.setdefault(_DRILLS, []).append((bundle, tuple(links)))


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    listener = config.pluginmanager.get_plugin(_LISTENER)
    if listener is not None:
        config.pluginmanager.register(Bridge(listener.allure_logger), _BRIDGE)
        allure_files.hide_step_definitions(config)


def pytest_itemcollected(item: pytest.Item) -> None:
    if item.config.pluginmanager.hasplugin("allure_pytest"):
        label(item)


@dataclass(slots=True)
class _Running:
    """The scenario being performed: how many of its steps have begun, and the open one."""

    scenario: Scenario
    test: TestResult
    begun: int = 0
    open: str | None = None


class Bridge:
    """Writes one scenario at a time; pytest runs one at a time in a process."""

    def __init__(self, logger: Any) -> None:
        self._logger = logger
        self._running: _Running | None = None

    def pytest_bdd_before_scenario(self, request: pytest.FixtureRequest, feature: Feature, scenario: Scenario) -> None:
        test = self._logger.get_last_item(TestResult)
        test.name = scenario.name
        test.description = (scenario.description or feature.description or "").strip() or None
        test.titlePath = [*Path(feature.rel_filename).parts[:-1], feature.name or feature.rel_filename]
        if scenario.rule is not None:
            test.titlePath.append(scenario.rule.name)
        test.parameters = [Parameter(name=name, value=value) for name, value in _example(request).items()]
        self._running = _Running(scenario, test)

    def pytest_bdd_before_step(self, step: Step) -> None:
        self._start(step)
        if step.datatable is not None:
            self._attach(_csv(step.datatable.raw()), "table", AttachmentType.CSV)
        if step.docstring is not None:
            self._attach(step.docstring, "text", AttachmentType.TEXT)

    def pytest_bdd_before_step_call(self, step: Step, step_func: Callable[..., object]) -> None:
        if self._running and self._running.open:
            shown = self._logger.get_item(self._running.open)
            shown.parameters = [
                Parameter(name=name, value=value) for name, value in _arguments(step, step_func).items()
            ]

    def pytest_bdd_after_step(self) -> None:
        self._stop(Status.PASSED)

    def pytest_bdd_step_error(self, exception: BaseException) -> None:
        self._fail(exception)

    def pytest_bdd_step_func_lookup_error(self, step: Step, exception: BaseException) -> None:
        self._start(step)
        self._fail(exception)

    def pytest_bdd_after_scenario(self) -> None:
        """Close a step that a skip or an interruption left open (no hook tells of those); the rest was skipped."""
        running, self._running = self._running, None
        if running is None:
            return
        if running.open:
            self._running = running
            self._fail(sys.exc_info()[1])
            self._running = None
        for step in running.scenario.steps[running.begun :]:
            at = _now()
            running.test.steps.append(TestStepResult(name=_name(step), status=Status.SKIPPED, start=at, stop=at))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_teardown(self, item: pytest.Item) -> Generator[None]:
        try:
            return (yield)
        finally:
            for bundle, links in item.stash.get(_DRILLS, []):
                from steps import allure_drill

                allure_drill.show(self._logger, self._logger.get_last_item(TestResult), bundle, links)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if not hasattr(session.config, "workerinput"):
            allure_files.write(session.config)

    def _start(self, step: Step) -> None:
        running = self._running
        if running is None:
            return
        running.begun += 1
        running.open = str(uuid4())
        self._logger.start_step(None, running.open, TestStepResult(name=_name(step), start=_now()))

    def _stop(self, status: str, details: Any = None) -> None:
        if self._running and self._running.open:
            self._logger.stop_step(self._running.open, stop=_now(), status=status, statusDetails=details)
            self._running.open = None

    def _fail(self, error: BaseException | None) -> None:
        if error is None:
            self._stop(Status.BROKEN)
        else:
            self._stop(get_status(error), get_status_details(type(error), error, error.__traceback__))

    def _attach(self, body: str, name: str, kind: AttachmentType) -> None:
        if self._running and self._running.open:
            self._logger.attach_data(
                str(uuid4()), body, name=name, attachment_type=kind, parent_uuid=self._running.open
            )


def _name(step: Step) -> str:
    return f"{step.keyword.strip()} {step.name}"


def _now() -> int:
    return round(time.time() * 1000)


def _csv(rows: Sequence[Sequence[object]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()


def _example(request: pytest.FixtureRequest) -> dict[str, str]:
    """The row of an outline's Examples that this test is."""
    callspec = getattr(request.node, "callspec", None)
    return dict(callspec.params.get("_pytest_bdd_example", {})) if callspec else {}


def _arguments(step: Step, step_func: Callable[..., object]) -> dict[str, str]:
    """What the step's own text gave its function; fixtures are never shown, they may hold a password."""
    for context in step_function_context_registry.values():
        if context.step_func is step_func and context.parser.is_matching(step.name):
            return {name: str(value) for name, value in (context.parser.parse_arguments(step.name) or {}).items()}
    return {}
