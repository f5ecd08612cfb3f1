"""Whatever ends `drill run`, its pytest ends too: in good order if asked, at once if not."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import subprocess
import sys
import tempfile
import termios
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from harness.machines.watchdog import start_time
from harness.wait import until
from tests.golden.story import PASS, terms
from tests.integration.cli.conftest import NAME, Project

Start = Callable[..., subprocess.Popen[str]]
SOON = timedelta(seconds=60)


def under_way(out: Path) -> int:
    """The process id of the pytest that runs the drill."""
    until("the drill is under way", lambda: (out / "pid").exists() and (out / "pid").read_text(), within=SOON)
    return int((out / "pid").read_text())


@pytest.mark.parametrize("as_json", [False, True])
def test_a_drill_that_nobody_listens_to_any_more_goes_on_to_its_end(
    project: Project, start: Start, as_json: bool
) -> None:
    """As in `drill run … | head`: what it has to tell goes nowhere, and it heals, seals and says the verdict's code."""
    drill = start("run", NAME, "--out", str(project.out), *(["--json"] if as_json else []), story="pass")
    assert drill.stdout
    assert drill.stderr
    drill.stdout.close()
    drill.stderr.close()
    assert drill.wait(60) == 0
    assert (project.out / "index.html").exists()
    assert (project.out / NAME / "manifest.json").exists()


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_one_signal_lets_the_drill_heal_and_seal(project: Project, start: Start, sent: signal.Signals) -> None:
    """The finalizer runs to its end, the evidence is sealed and told, and the exit code says so."""
    drill = start("run", NAME, "--json", "--out", str(project.out), story="endless")
    pytest_pid = under_way(project.out)
    drill.send_signal(sent)
    said, told = drill.communicate(timeout=60)
    assert drill.returncode == 130, told
    assert (project.out / "healed").exists()
    assert json.loads(said)["drills"][0]["verdict"] == "INCONCLUSIVE"
    assert start_time(pytest_pid) is None


def test_a_drill_in_the_background_of_a_script_obeys(project: Project, start: Start) -> None:
    """A shell without jobs starts `drill … &` with SIGINT ignored, as nohup may: its pytest stops too."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        drill = start("run", NAME, "--json", "--out", str(project.out), story="endless")
    finally:
        signal.signal(signal.SIGINT, before)
    under_way(project.out)
    drill.send_signal(signal.SIGTERM)
    said, told = drill.communicate(timeout=60)
    assert drill.returncode == 130, told
    assert (project.out / "healed").exists()
    assert json.loads(said)["drills"][0]["verdict"] == "INCONCLUSIVE"


def test_a_terminal_that_goes_away_lets_the_drill_heal_and_seal(project: Project) -> None:
    """Whoever closes the window cannot be told anything any more; the estate is taken down all the same."""
    ours, theirs = os.openpty()
    command = [sys.executable, "-m", "tests.integration.cli.project", str(project.root), "run", NAME]
    with subprocess.Popen(
        [*command, "--out", str(project.out)], env={**project.env, "REHEARSED_STORY": "endless"}, cwd=project.root,
        stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0) and None,  # noqa: PLW1509
    ) as drill:  # fmt: skip
        os.close(theirs)
        pytest_pid = under_way(project.out)
        os.close(ours)
        assert drill.wait(60) == 130
    assert (project.out / "healed").exists()
    assert (project.out / NAME / "manifest.json").exists()
    assert start_time(pytest_pid) is None


@pytest.fixture
def work() -> Iterator[Path]:
    """Where servers of another account can get to, unlike pytest's own folder."""
    with tempfile.TemporaryDirectory() as made:
        Path(made).chmod(0o755)
        yield Path(made)


def test_a_second_signal_kills(project: Project, start: Start, work: Path) -> None:
    """A finalizer that hangs can be ended by pressing Ctrl-C again.

    The evidence is sealed with the servers' logs, and only then are the leftovers removed.
    """
    project.env["DRILL_WORK_DIR"] = str(work)
    left = work / f"labelmint-drill-run-{terms(PASS).run}"
    (left / "logs").mkdir(parents=True)
    (left / "owner.lock").touch()
    (left / "logs" / "load-balancer.log").write_text("nothing answers")
    drill = start("run", NAME, "--json", "--out", str(project.out), story="stubborn")
    pytest_pid = under_way(project.out)
    drill.send_signal(signal.SIGINT)
    threading.Event().wait(1.2)  # within a second it would be the same press
    drill.send_signal(signal.SIGINT)
    said, told = drill.communicate(timeout=60)
    assert drill.returncode == 130, told
    assert start_time(pytest_pid) is None
    assert json.loads(said)["drills"][0]["verdict"] == "INCONCLUSIVE"
    assert (project.out / NAME / "logs" / "load-balancer.log").read_text() == "nothing answers"
    assert not left.exists()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends children with their parent")
def test_killing_drill_kills_its_pytest(project: Project, start: Start) -> None:
    """After SIGKILL nothing can be cleaned up, but nothing lives on either."""
    drill = start("run", NAME, "--out", str(project.out), story="endless")
    pytest_pid = under_way(project.out)
    drill.kill()
    drill.wait()
    until("pytest is gone", lambda: start_time(pytest_pid) is None, within=timedelta(seconds=2))
