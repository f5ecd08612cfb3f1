"""A stand-in for what `features/` runs: the same options, and drills that go as REHEARSED_STORY says, no servers."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from harness.cli.results import told_by_pytest
from harness.events import EventLog
from harness.evidence import salvage, seal
from harness.facts import Phase, PhaseEntered
from harness.objectives import Outcome
from steps.prepare import spec_named
from tests.golden.story import PASS, STORIES, sealed, terms

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
    if os.environ["REHEARSED_STORY"] == "endless":
        record, verdict = salvage(out / drill, "it was interrupted")
        seal(out / drill, record, verdict, config={}, logs=())
        (out / "healed").touch()


def test_drill(folder: Path) -> None:
    """One drill, as the story says; pytest's word is that of the verdict, as it is of a drill's own finalizer."""
    match os.environ["REHEARSED_STORY"]:
        case "crash":
            os._exit(9)
        case "endless" | "stubborn" as story:
            _be_under_way(folder)
            _wait(stubborn=story == "stubborn")
        case story:
            spec = spec_named(folder.name)
            budget, loss = spec.rehearsal_rto.total_seconds(), spec.rehearsal_rpo.total_seconds()
            bundle = sealed(
                folder, replace(STORIES.get(story, PASS), drill=folder.name, budget=budget, loss_budget=loss)
            )
            if story == "killed":
                os.kill(os.getpid(), signal.SIGKILL)
            passed = bundle.verdict.effective is Outcome.PASS
            told_by_pytest(folder).write_text("passed\n" if passed else "failed\n")
            if passed:
                return
    pytest.fail("as its verdict says")


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
