"""A host of tasks forks them quickly, knows when they end, and takes them with it when it dies."""

from __future__ import annotations

import contextlib
import http.client
import os
import queue
import signal
import sys
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

import harness
from harness.errors import MachineFailed
from harness.machines.addresses import AddressBlock
from harness.machines.application.releases import EXITS_AFTER, HANGS_AFTER
from harness.machines.processes import Spawner
from harness.machines.tasks import Task, TaskHost
from harness.machines.watchdog import children_of, start_time, state_of
from harness.machines.workspace import Workspace
from harness.wait import until
from tests.integration.serving.backends import exchange, send

SECRET = "a-password-that-nobody-may-see"
SOON = timedelta(seconds=5)
_LISTENING = "0A"
ENVIRONMENT = {
    "DATABASE_HOST": "db.labelmintit.com",
    "DATABASE_NAME": "labelmint",
    "DATABASE_USER": "labelmint_app",
    "DATABASE_PASSWORD": SECRET,
    "RESOLVER": "127.0.0.1:1",
}


class Runner:
    """Runs tasks, each on an address of its own, and keeps what was reported of their ends."""

    def __init__(self, host: TaskHost, block: AddressBlock, workspace: Workspace) -> None:
        self.host = host
        self.port = block.ports[3000]
        self.ends: queue.SimpleQueue[tuple[str, int]] = queue.SimpleQueue()
        self._block = block
        self._workspace = workspace

    def run(self, name: str, address: str = "", **changes: str) -> tuple[Task, tuple[str, int]]:
        address = address or self._block.next(1)
        task = self.host.run(
            name, ENVIRONMENT | changes, address, self.port, self.log(name),
            on_exit=lambda code: self.ends.put((name, code)),
        )  # fmt: skip
        return task, (address, self.port)

    def log(self, name: str) -> Path:
        return self._workspace.log(name)

    def end(self) -> tuple[str, int]:
        return self.ends.get(timeout=5)


@pytest.fixture
def runner(host: TaskHost, block: AddressBlock, workspace: Workspace) -> Runner:
    return Runner(host, block, workspace)


def test_starting_the_host_does_not_wait_for_its_imports(workspace: Workspace, spawner: Spawner) -> None:
    host = TaskHost("us-west-2", spawner, workspace)
    before = time.monotonic()
    host.start()

    assert time.monotonic() - before < 0.3
    assert host.is_running()


def test_a_task_answers_for_its_region_and_itself(runner: Runner) -> None:
    task, address = runner.run("task-1")

    status, headers, _ = exchange(address, path="/nowhere")

    assert task.is_running()
    assert task.exit_code is None
    assert (status, headers["x-labelmint-region"], headers["x-labelmint-task"]) == (404, "us-east-1", "task-1")


def test_a_stopped_task_ends_well_and_is_reported(runner: Runner) -> None:
    task, address = runner.run("task-1")
    send(address, path="/nowhere")

    task.stop()

    assert not task.is_running()
    assert runner.end() == ("task-1", 0) == ("task-1", task.exit_code)
    with pytest.raises(ConnectionRefusedError):
        send(address)


def test_a_task_that_does_not_listen_is_killed_after_its_grace(runner: Runner) -> None:
    """SIGSTOP holds SIGTERM back, so only the kill reaches it."""
    task, address = runner.run("task-1")
    send(address, path="/nowhere")
    os.kill(task.pid, signal.SIGSTOP)
    until("it stands still", lambda: state_of(task.pid) == "T", within=SOON)
    stopper = threading.Thread(target=task.stop, args=(timedelta(seconds=0.2),))
    task.resume = lambda: None  # type: ignore[method-assign]
    stopper.start()
    stopper.join(timeout=5)

    assert task.exit_code == -signal.SIGKILL


def test_a_task_can_be_stopped_at_any_moment_of_its_start(runner: Runner) -> None:
    """The signal may come before the service is ready to hear it; it must not get lost."""
    for number in range(8):
        task, _ = runner.run(f"task-{number}")
        threading.Event().wait(number * 0.005)  # each time a little later
        task.stop(timedelta(seconds=4))
        assert task.exit_code in {0, -signal.SIGTERM}


def test_a_release_that_hangs_serves_a_while_and_then_nobody(runner: Runner) -> None:
    """It passes the balancer's checks, however many, and hangs at the clients' requests; only a kill ends it."""
    task, address = runner.run("task-1", RELEASE="2")
    for _ in range(HANGS_AFTER + 5):
        exchange(address, path="/health")
    assert {send(address, path="/nowhere")[0] for _ in range(HANGS_AFTER)} == {404}
    for path in ("/nowhere", "/health"):
        with pytest.raises(TimeoutError):
            exchange(address, path=path, timeout=0.2)
    assert task.is_running()
    task.stop(timedelta(seconds=0.2))
    assert task.exit_code == -signal.SIGKILL


def test_a_release_that_crashes_serves_a_while_and_exits(runner: Runner) -> None:
    _, address = runner.run("task-1", RELEASE="3")
    assert {send(address, path="/nowhere")[0] for _ in range(EXITS_AFTER)} == {404}
    with pytest.raises((OSError, http.client.HTTPException)):
        send(address, path="/nowhere")
    assert runner.end() == ("task-1", 1)


def test_the_release_of_today_goes_on_serving(runner: Runner) -> None:
    _, address = runner.run("task-1", RELEASE="1")
    assert {send(address, path="/nowhere")[0] for _ in range(HANGS_AFTER + EXITS_AFTER)} == {404}


def test_a_release_that_was_never_made_is_named(runner: Runner) -> None:
    with pytest.raises(MachineFailed, match="RELEASE is not one of 1, 2, 3: 'none'"):
        runner.run("task-1", RELEASE="none")


def test_a_killed_task_refuses_at_once_and_is_reported(runner: Runner) -> None:
    task, address = runner.run("task-1")
    task.kill()

    with pytest.raises(ConnectionRefusedError):
        send(address)
    assert runner.end() == ("task-1", -9)
    task.kill()
    task.stop()


def test_a_task_that_dies_by_itself_is_reported(runner: Runner) -> None:
    task, _ = runner.run("task-1")
    os.kill(task.pid, signal.SIGKILL)

    assert runner.end() == ("task-1", -9)
    assert not task.is_running()


def test_a_frozen_task_does_not_answer_until_it_goes_on(runner: Runner) -> None:
    task, address = runner.run("task-1")
    task.pause()
    assert task.is_paused()
    with pytest.raises(TimeoutError):
        exchange(address, path="/nowhere", timeout=0.2)

    task.resume()
    assert not task.is_paused()
    assert send(address, path="/nowhere")[0] == 404


def test_another_task_can_take_the_address_of_one_that_ended(runner: Runner) -> None:
    """What the first one held must be free even though it was killed with clients connected."""
    first, address = runner.run("task-1")
    bystander, _ = runner.run("task-2")
    send(address, path="/nowhere")
    first.kill()

    _, again = runner.run("task-3", address[0])

    assert exchange(again, path="/nowhere")[1]["x-labelmint-task"] == "task-3"
    assert bystander.is_running()


def test_an_address_in_use_is_an_error_and_no_task(runner: Runner) -> None:
    _, (address, _) = runner.run("task-1")

    with pytest.raises(MachineFailed, match=r"task-2 cannot start: .*in use"):
        runner.run("task-2", address)
    assert runner.ends.empty()


def test_a_missing_setting_is_named(runner: Runner) -> None:
    with pytest.raises(MachineFailed, match="DATABASE_HOST is not set"):
        runner.run("task-1", DATABASE_HOST="")


def test_a_lost_region_loses_all_its_tasks_at_once(runner: Runner) -> None:
    tasks = [runner.run(f"task-{number}")[0] for number in range(3)]
    tasks[0].pause()

    runner.host.kill()

    assert not any(task.is_running() for task in tasks)
    assert not any(start_time(task.pid) for task in tasks)
    assert {runner.end() for _ in tasks} == {(task.name, -9) for task in tasks}
    with pytest.raises(MachineFailed, match="no host"):
        runner.run("task-4")


def test_a_region_that_comes_back_runs_tasks_again(runner: Runner) -> None:
    runner.run("task-1")
    runner.host.kill()
    assert not runner.host.is_running()

    runner.host.start()

    assert send(runner.run("task-1")[1], path="/nowhere")[0] == 404


def test_tasks_die_with_their_parent_however_it_dies(runner: Runner) -> None:
    task, _ = runner.run("task-1")
    [parent] = [pid for pid in children_of(os.getpid()) if task.pid in children_of(pid)]

    os.kill(parent, signal.SIGKILL)

    assert runner.end() == ("task-1", -9)
    until("the task's process is gone", lambda: start_time(task.pid) is None, within=SOON)


def test_tasks_die_with_the_harness(runner: Runner, spawner: Spawner) -> None:
    task, _ = runner.run("task-1")
    spawner.close()

    until("the task's process is gone", lambda: start_time(task.pid) is None, within=SOON)


def test_passwords_are_nowhere_to_be_seen(runner: Runner) -> None:
    """Neither in what `ps` shows of the processes, nor in their logs."""
    task, address = runner.run("task-1")
    send(address, path="/health")
    [parent] = [pid for pid in children_of(os.getpid()) if task.pid in children_of(pid)]

    shown = [Path(f"/proc/{pid}/{what}").read_text() for pid in (task.pid, parent) for what in ("cmdline", "environ")]
    written = [runner.log(name).read_text() for name in ("task-1", runner.host.name)]
    task.stop()

    assert not any(SECRET in text for text in shown + written)


def test_a_task_holds_no_descriptor_of_its_parent(runner: Runner) -> None:
    """Else it would keep the listener of a task that was killed, or the talk with the harness, open."""
    runner.run("task-1")
    task, address = runner.run("task-2")
    send(address, path="/nowhere")

    held = set(_links(Path(f"/proc/{task.pid}/fd")))
    rows = [line.split() for line in Path(f"/proc/{task.pid}/net/tcp").read_text().splitlines()[1:]]
    own = [row for row in rows if row[3] == _LISTENING and f"socket:[{row[9]}]" in held]

    assert len(own) == 1


def _links(folder: Path) -> Iterator[str]:
    for entry in folder.iterdir():
        with contextlib.suppress(FileNotFoundError):
            yield str(entry.readlink())


def test_the_service_runs_by_itself_as_well(block: AddressBlock, spawner: Spawner, workspace: Workspace) -> None:
    """As a container's command, configured by environment variables; a setting that is missing is named."""
    program = [sys.executable, "-P", "-m", "harness.machines.application"]
    address = (block.next(1), block.ports[3000])
    own = {"TASK_ID": "alone", "AWS_REGION": "us-east-1", "LISTEN_ADDRESS": address[0], "LISTEN_PORT": str(address[1])}
    environment = {**ENVIRONMENT, **own, "PYTHONPATH": str(Path(harness.__file__).parents[1])}

    alone = spawner.start("alone", program, env=environment)
    until("it serves", lambda: _status(address) == 404, within=timedelta(seconds=20))
    alone.stop()
    assert alone.exit_code == 0

    with pytest.raises(MachineFailed, match="RESOLVER is not host:port"):
        spawner.run("wrong", program, env=environment | {"RESOLVER": "nowhere"}, timeout=timedelta(seconds=20))


def _status(address: tuple[str, int]) -> int:
    try:
        return send(address, path="/nowhere")[0]
    except OSError:
        return 0
