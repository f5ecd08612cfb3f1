"""A signal that comes while modules load ends the command as a later one does: exit 130, and nothing is left."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from harness.cli.project import project_root
from harness.wait import until
from tests.integration.cli.conftest import NAME, Project

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells which signals a process listens to")
MOMENTS = (0.0, 0.02, 0.05, 0.15, 0.3, 0.6, 1.0, 1.5)
"""Seconds after a command began to listen."""
SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
MARK = "STARTED_BY_TEST"
ENDS_WITHIN = timedelta(seconds=10)
"""For what was just about to be started when its parent ended: it finds that nobody tells it anything."""


def listens(process: subprocess.Popen[str]) -> bool:
    """Python itself listens to SIGINT alone; until the command does, it is the interpreter that ends."""
    status = Path(f"/proc/{process.pid}/status").read_text()
    caught = next(int(line.split()[1], 16) for line in status.splitlines() if line.startswith("SigCgt"))
    return bool(caught >> (signal.SIGTERM - 1) & 1)


def marked(mark: str) -> list[str]:
    """The command lines of the processes that were started with this mark, by whomever."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if f"{MARK}={mark}".encode() in (process / "environ").read_bytes().split(b"\0"):
                found.append((process / "cmdline").read_text())
        except OSError:
            pass
    return found


def interrupted(
    begin: Callable[[], subprocess.Popen[str]], moment: float, sent: signal.Signals
) -> tuple[int, str, str]:
    """Exit code and outputs of a command that was sent a signal at that moment."""
    with begin() as process:
        try:
            until("the command listens", lambda: listens(process), within=timedelta(seconds=30))
            threading.Event().wait(moment)
            process.send_signal(sent)
            out, err = process.communicate(timeout=120)
        finally:
            process.kill()
    return process.returncode, out, err


@pytest.fixture
def work() -> Iterator[Path]:
    """Where servers of another account can get to, unlike pytest's own folder."""
    with tempfile.TemporaryDirectory() as made:
        Path(made).chmod(0o755)
        yield Path(made)


def test_a_run_is_broken_off_at_any_moment(project: Project) -> None:
    """The pytest that waits in reserve goes with it, and no drill begins after all."""
    mark = project.env[MARK] = uuid4().hex
    for number, moment in enumerate(MOMENTS):
        out = project.root / f"out-{number}"
        begin = lambda out=out: project.start("run", NAME, "--out", str(out), story="endless")  # noqa: E731
        code, _, told = interrupted(begin, moment, SIGNALS[number % 3])
        assert (code, "Traceback" in told) == (130, False), (moment, told)
        until("nothing of it runs", lambda: not marked(mark), within=ENDS_WITHIN)


def test_the_embedded_cloud_is_broken_off_before_it_serves(work: Path, tmp_path: Path) -> None:
    """Exit 0 would say that it had served."""
    mark = uuid4().hex
    env = {**os.environ, MARK: mark, "DRILL_WORK_DIR": str(work), "DRILL_OUT_DIR": str(tmp_path)}
    command = [sys.executable, "-m", "harness.cli", "cloud", "up", "--seed", "10"]
    begin = lambda: subprocess.Popen(  # noqa: E731
        command, cwd=project_root(), env=env, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    for number, moment in enumerate(MOMENTS[:4]):
        code, out, told = interrupted(begin, moment, SIGNALS[number % 3])
        assert (code, out, "Traceback" in told) == (130, "", False), (moment, told)
        until("nothing of it runs", lambda: not marked(mark), within=ENDS_WITHIN)
        assert not list(work.iterdir())


def test_a_command_that_is_done_keeps_its_exit_code() -> None:
    """Python itself takes a while to end, and a signal then would make a failure of it."""
    whole = subprocess.run(
        [sys.executable, "-m", "harness.cli", "list"], cwd=project_root(), check=True, capture_output=True, text=True
    ).stdout
    begin = lambda: subprocess.Popen(  # noqa: E731
        [sys.executable, "-m", "harness.cli", "list"], cwd=project_root(), text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    for number, moment in enumerate((*MOMENTS[:5], 0.4, 0.5)):
        code, out, told = interrupted(begin, moment, SIGNALS[number % 3])
        assert (code, told) == (130, "") or (code, out) == (0, whole), (moment, code, told)
