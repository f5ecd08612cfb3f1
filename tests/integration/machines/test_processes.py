"""Processes are started, frozen, ended and blamed as their callers say."""

from __future__ import annotations

import os
import subprocess
import threading
from datetime import timedelta
from pathlib import Path

import pytest

from harness.errors import DiskFull, MachineFailed
from harness.machines import watchdog
from harness.machines.processes import Spawner
from harness.machines.server_user import server_user
from harness.machines.workspace import Workspace
from harness.wait import until

SOON = timedelta(seconds=10)


def test_a_process_outlives_the_thread_that_asked_for_it(spawner: Spawner) -> None:
    """The kernel ends children with the thread that forked them, so no caller's thread may do it."""
    asked = threading.Thread(target=lambda: spawner.start("sleeper", ["/bin/sleep", "60"]))
    asked.start()
    asked.join()
    marker = spawner.start("marker", ["/bin/sleep", "60"])
    assert [process.is_running() for process in (*spawner._started, marker)] == [True, True, True]


def test_output_goes_to_the_log_and_little_of_our_environment_goes_in(spawner: Spawner, workspace: Workspace) -> None:
    """A secret in the caller's environment does not reach a server."""
    os.environ["DRILL_TEST_SECRET"] = "hush"
    try:
        process = spawner.start("env", ["/usr/bin/env"], env={"GIVEN": "yes"})
        assert process.wait(SOON)
    finally:
        del os.environ["DRILL_TEST_SECRET"]
    said = workspace.log("env").read_text()
    assert "GIVEN=yes" in said
    assert "hush" not in said


def test_servers_have_no_rights_of_ours(spawner: Spawner) -> None:
    """A harness that is root runs its servers as nobody, with no group of root's."""
    said = spawner.run("id", ["/usr/bin/id", "-u"], as_server_user=True, timeout=SOON)
    groups = spawner.run("id", ["/usr/bin/id", "-G"], as_server_user=True, timeout=SOON)
    user = server_user()
    assert int(said) == (user.uid if user else os.geteuid())
    if user:
        assert groups.split() == [str(user.gid)]


def test_a_frozen_process_stands_still_with_its_children(spawner: Spawner) -> None:
    """Pausing and resuming reach all of the tree."""
    process = spawner.start("tree", ["/bin/sh", "-c", "sleep 60 & sleep 60"])
    until("it has children", lambda: len(watchdog.children_of(process.pid)) == 2, within=SOON)
    children = watchdog.children_of(process.pid)
    process.pause()
    assert process.is_paused()
    until("children stand", lambda: {watchdog.state_of(child) for child in children} == {"T"}, within=SOON)
    process.resume()
    until("all go on", lambda: not process.is_paused(), within=SOON)
    assert {watchdog.state_of(child) for child in children} <= {"S", "R"}
    process.kill_tree()
    assert not any(map(watchdog.start_time, children))


def test_a_process_that_ended_is_not_running(spawner: Spawner) -> None:
    """Nobody has waited for it yet, but a zombie does not run."""
    process = spawner.start("short", ["/bin/sh", "-c", "exit 3"])
    until("it has ended", lambda: not process.is_running(), within=SOON)
    assert process.exit_code == 3
    process.kill()


def test_one_that_does_not_obey_is_killed(spawner: Spawner) -> None:
    """Stopping returns, whatever the program makes of it."""
    process = spawner.start("deaf", ["/bin/sh", "-c", "trap '' TERM; echo ready; while :; do sleep 60; done"])
    until("it is deaf", lambda: "ready" in _log(spawner, "deaf"), within=SOON)
    process.stop(within=timedelta(milliseconds=100))
    assert process.exit_code == -9


def test_closing_ends_everything_and_allows_nothing_new(spawner: Spawner) -> None:
    """Also children that left their parent's session."""
    process = spawner.start("family", ["/bin/sh", "-c", "sleep 61 & sleep 61"])
    until("it has children", lambda: len(watchdog.children_of(process.pid)) == 2, within=SOON)
    children = watchdog.children_of(process.pid)
    spawner.close()
    until("all are gone", lambda: not any(map(watchdog.start_time, children)), within=SOON)
    with pytest.raises(MachineFailed, match="torn down"):
        spawner.start("late", ["/bin/true"])


def test_a_failure_says_what_the_program_said(spawner: Spawner) -> None:
    with pytest.raises(MachineFailed, match="teapot"):
        spawner.run("tea", ["/bin/sh", "-c", "echo I am a teapot >&2; exit 1"], timeout=SOON)
    with pytest.raises(MachineFailed, match="cannot be executed"):
        spawner.run("none", ["/no/such/program"], timeout=SOON)
    with pytest.raises(MachineFailed, match="still running"):
        spawner.run("slow", ["/bin/sleep", "60"], timeout=timedelta(milliseconds=50))


def test_a_full_disk_is_named(spawner: Spawner) -> None:
    """/dev/full is a device on which every write fails for want of room."""
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("this system has no /dev/full")
    with full.open("wb") as device, pytest.raises(DiskFull):
        spawner.run("full", ["/bin/cat", "/proc/version"], stdout=device.fileno(), timeout=SOON)


def test_the_death_of_a_run_is_seen_by_its_watchdog(spawner: Spawner) -> None:
    """The watchdog is there and waits for the end of our pipe."""
    watching = spawner._watchdog
    assert isinstance(watching, subprocess.Popen)
    assert watching.poll() is None


def _log(spawner: Spawner, name: str) -> str:
    return spawner._workspace.log(name).read_text()
