"""A stand-in for what `features/` runs: the same options, and drills that go as DRILL_STORY says, no servers."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from harness.events import EventLog
from harness.evidence import salvage, seal
from harness.facts import Phase, PhaseEntered
from steps.prepare import spec_named
from tests.golden.story import STORIES, sealed, terms

CONFTEST = f"from {__name__} import pytest_addoption, pytest_generate_tests\n"
TESTS = f"from {__name__} import folder, test_drill\n"


def pytest_addoption(parser: pytest.Parser) -> None:
    for option in ("--environment", "--operator", "--pace"):
        parser.addoption(option)
    parser.addoption("--drill-out", type=Path)
    parser.addoption("--drill", action="append", default=[])


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    metafunc.parametrize("drill", metafunc.config.getoption("--drill"))


@pytest.fixture
def folder(drill: str, request: pytest.FixtureRequest) -> Iterator[Path]:
    """The folder of a drill's evidence; its finalizer seals it, whatever happened, as a drill's does."""
    out: Path = request.config.getoption("--drill-out")
    yield out / drill
    if os.environ["DRILL_STORY"] == "endless":
        record, verdict = salvage(out / drill, "it was interrupted")
        seal(out / drill, record, verdict, config={}, logs=())
        (out / "healed").touch()


def test_drill(folder: Path) -> None:
    """One drill, as the story says; pytest's own result is always a failure, and must not matter."""
    match os.environ["DRILL_STORY"]:
        case "crash":
            os._exit(9)
        case "endless" | "stubborn" as story:
            _be_under_way(folder)
            _wait(stubborn=story == "stubborn")
        case story:
            budget = spec_named(folder.name).rehearsal_rto.total_seconds()
            sealed(folder, replace(STORIES[story], drill=folder.name, budget=budget))
    pytest.fail("as always")


def _be_under_way(folder: Path) -> None:
    folder.mkdir()
    log = EventLog(folder / "events.jsonl")
    log.write(replace(terms(STORIES["pass"]), drill=folder.name, rehearsal_rto=spec_named(folder.name).rehearsal_rto))
    log.write(PhaseEntered(Phase.STRIKING))
    log.close()
    (folder.parent / "pid").write_text(str(os.getpid()))


def _wait(*, stubborn: bool) -> None:
    try:
        threading.Event().wait(60)
    except KeyboardInterrupt:
        if not stubborn:
            raise
        threading.Event().wait(60)
