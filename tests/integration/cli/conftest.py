"""A project to run drills in, and `drill` as a process."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from harness.cli.project import project_root
from tests.integration.cli import rehearsed

NAME = "database-promote-replica"
OTHER = "database-failover-rollback"


@pytest.fixture(autouse=True)
def hang_ups_are_heard() -> None:
    """Also where these tests run under nohup, which has every process that they start ignore SIGHUP."""
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGHUP, signal.SIG_DFL)


@dataclass(frozen=True, slots=True)
class Project:
    """A checkout whose drills need no servers."""

    root: Path
    env: dict[str, str]

    @property
    def out(self) -> Path:
        return self.root / "out"

    def start(self, *arguments: str, story: str = "pass") -> subprocess.Popen[str]:
        """`drill` with these arguments, in a process of its own."""
        command = [sys.executable, "-m", "tests.integration.cli.project", str(self.root), *arguments]
        return subprocess.Popen(
            command, env={**self.env, "REHEARSED_STORY": story}, cwd=self.root, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip

    def drill(self, *arguments: str, story: str = "pass") -> subprocess.CompletedProcess[str]:
        """The same, to its end."""
        process = self.start(*arguments, story=story)
        out, err = process.communicate(timeout=120)
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    here = project_root()
    shutil.copytree(here / "features", tmp_path / "features", ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    (tmp_path / "features" / "conftest.py").write_text(rehearsed.CONFTEST)
    (tmp_path / "features" / "test_features.py").write_text(rehearsed.TESTS)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("DRILL_", "PYTEST_", "COV_"))}
    env = {**kept, "PYTHONPATH": str(here), "DRILL_ESTATE": str(here / "scenarios/labelmint.toml")}
    return Project(tmp_path, env)


@pytest.fixture
def start(project: Project) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """`project.start`, and whatever was started is gone afterwards."""
    started: list[subprocess.Popen[str]] = []

    def begin(*arguments: str, story: str) -> subprocess.Popen[str]:
        started.append(project.start(*arguments, story=story))
        return started[-1]

    yield begin
    for process in started:
        process.kill()
        process.communicate()
