"""Nothing outlives its harness for long, and the next run removes what is left."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from harness.config import load_config
from harness.machines import watchdog
from harness.machines.addresses import AddressBlock
from harness.machines.workspace import Workspace, leftovers, sweep
from harness.wait import until


@pytest.fixture
def doomed(work_dir: Path) -> Iterator[subprocess.Popen[str]]:
    program = [sys.executable, "-m", "tests.integration.machines.doomed", str(work_dir)]
    with subprocess.Popen(program, stdout=subprocess.PIPE, text=True) as harness:
        yield harness
        harness.kill()
        harness.wait()
        sweep(work_dir)


def _told(harness: subprocess.Popen[str]) -> tuple[list[int], int]:
    """The processes and the block of addresses of a harness that is up."""
    assert harness.stdout
    pids: list[int] = []
    for line in harness.stdout:
        if line.startswith("up "):
            return pids, int(line.split()[1])
        pids.append(int(line))
    raise AssertionError("the harness did not come up")


def _segments_of(pids: list[int]) -> set[str]:
    """The shared memory that these processes made and somebody uses; a number may be that of an older process too."""
    table = Path("/proc/sysvipc/shm")
    rows = [line.split() for line in table.read_text().splitlines()[1:]] if table.exists() else []
    return {row[1] for row in rows if int(row[4]) in pids and row[6] != "0"}


def _segments() -> set[str]:
    table = Path("/proc/sysvipc/shm")
    return {line.split()[1] for line in table.read_text().splitlines()[1:]} if table.exists() else set()


def test_no_process_lives_two_seconds_longer_than_a_killed_harness(
    doomed: subprocess.Popen[str], work_dir: Path
) -> None:
    """Servers, frozen ones, and programs that ignore signals all go; files and shared memory go with the next run."""
    pids, _ = _told(doomed)
    assert len(pids) > 10, "two servers and their children were expected"
    segments = _segments_of(pids)
    assert segments or sys.platform != "linux"
    doomed.send_signal(signal.SIGKILL)
    doomed.wait()

    until("all are gone", lambda: not any(map(watchdog.start_time, pids)), within=timedelta(seconds=2))
    assert leftovers(work_dir) == ("labelmint-drill-run-doomed",)
    assert sweep(work_dir) == ("labelmint-drill-run-doomed",)
    assert list(work_dir.iterdir()) == []
    assert not segments & _segments(), "a shared memory segment is left"


def test_a_killed_harness_gives_its_addresses_back(doomed: subprocess.Popen[str]) -> None:
    """Two processes never hold one block at the same time."""
    _, theirs = _told(doomed)
    ours = [AddressBlock.lease(load_config().cache_dir) for _ in range(3)]
    assert theirs not in {block.block for block in ours}
    for block in ours:
        block.release()
    doomed.kill()
    doomed.wait()
    again = AddressBlock.lease(load_config().cache_dir)
    again.release()


def test_a_run_that_lives_is_not_swept(workspace: Workspace, work_dir: Path) -> None:
    """Only what nobody holds is removed, however often somebody sweeps."""
    assert leftovers(work_dir) == ()
    assert sweep(work_dir) == ()
    assert workspace.root.exists()


def test_a_directory_that_is_being_made_is_not_swept(work_dir: Path) -> None:
    """Between making a directory and locking it, a run is alive although nobody holds a lock."""
    unborn = work_dir / ".labelmint-drill-x"
    unborn.mkdir()
    assert sweep(work_dir) == ()
    assert unborn.exists()


def test_what_is_no_run_is_not_swept(work_dir: Path) -> None:
    """The cache lies beside the runs by default, and is old and locked by nobody."""
    for name in ("labelmint-drill-cache-root", "labelmint-drill-run-x"):
        (work_dir / name).mkdir()
        os.utime(work_dir / name, (0, 0))
    assert sweep(work_dir) == ()
    assert len(list(work_dir.iterdir())) == 2


def test_a_number_that_was_used_again_is_not_killed(workspace: Workspace, tmp_path: Path) -> None:
    """The process that now has a remembered number is left alone: it started at another time."""
    with subprocess.Popen(["/bin/sleep", "60"]) as bystander:
        remembered = tmp_path / "processes"
        remembered.write_text(f"{bystander.pid} long-ago\n")
        watchdog.kill_remembered(remembered)
        assert bystander.poll() is None

        workspace.remember(bystander.pid)
        watchdog.kill_remembered(workspace.root / "processes")
        assert bystander.wait(5) == -signal.SIGKILL
