"""Where a region's tasks run: one warm parent a region, from which each task of the service is forked in some 40 ms."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from signal import SIGCONT, SIGKILL, SIGSTOP, SIGTERM, Signals

from harness.errors import MachineFailed
from harness.machines.channel import Channel, Message
from harness.machines.processes import ManagedProcess, Spawner, tail
from harness.machines.workspace import Workspace

_PARENT_READY_WITHIN = 30.0
_STARTED_WITHIN = 10.0
_GONE_WITHIN = 5.0
_IMPORT_ROOT = Path(__file__).resolve().parents[2]
KILLED = -int(SIGKILL)


class Task:
    """One running task of the service. It stays ended once it has ended; a service starts another one instead."""

    def __init__(self, task_id: str, send: Callable[[Message], bool], on_exit: Callable[[int], None] | None) -> None:
        self.name = task_id
        self.pid = 0
        self._send = send
        self._on_exit = on_exit
        self._exit_code: int | None = None
        self._paused = False
        self._answered = threading.Event()
        self._failure = ""
        self._ended = threading.Event()

    @property
    def exit_code(self) -> int | None:
        """What it ended with, negative for a signal; None while it runs."""
        return self._exit_code

    def is_running(self) -> bool:
        return not self._ended.is_set()

    def is_paused(self) -> bool:
        return self._paused and self.is_running()

    def kill(self) -> None:
        """End it at once, without a word to its clients, and wait until it is gone."""
        self._signal(SIGKILL)
        if not self._ended.wait(_GONE_WITHIN):
            raise MachineFailed(f"task {self.name} (process {self.pid}) does not end although it was killed")

    def stop(self, grace: timedelta = timedelta(seconds=5)) -> None:
        """Let it finish what it has begun; kill it when that takes longer than `grace`, as ECS does."""
        self.resume()
        self._signal(SIGTERM)
        if not self._ended.wait(grace.total_seconds()):
            self.kill()

    def pause(self) -> None:
        """Freeze it: its connections stay open and nothing is answered."""
        self._paused = True
        self._signal(SIGSTOP)

    def resume(self) -> None:
        self._paused = False
        self._signal(SIGCONT)

    def _signal(self, what: Signals) -> None:
        if self.is_running():
            self._send({"signal": self.name, "number": int(what)})

    def await_start(self) -> None:
        """For the host: wait for the parent's answer. Raises MachineFailed when the task could not be started."""
        if not self._answered.wait(_STARTED_WITHIN):
            raise MachineFailed(f"task {self.name} was not started within {_STARTED_WITHIN:.0f} s")
        if self._failure:
            raise MachineFailed(f"task {self.name} cannot start: {self._failure}")

    def hear(self, message: Message) -> None:
        """For the host: what the parent says of this task."""
        if "started" in message:
            self.pid = int(message["started"])
            self._answered.set()
        elif "failed" in message:
            self.end(1, str(message["failed"]))
        else:
            self.end(int(message["exited"]))

    def end(self, code: int, failure: str = "its host is gone") -> None:
        """For the host: the task has ended, or never began."""
        began = self._answered.is_set()
        self._exit_code = code
        self._failure = "" if began else failure
        self._ended.set()
        self._answered.set()
        if began and self._on_exit:
            self._on_exit(code)


class TaskHost:
    """Runs the tasks of one region. Killing it ends them all at once, as the loss of the region does."""

    def __init__(self, region: str, spawner: Spawner, workspace: Workspace) -> None:
        self.name = f"tasks-{region}"
        self.region = region
        self._spawner = spawner
        self._log = workspace.log(self.name)
        self._lock = threading.Lock()
        self._tasks: dict[str, Task] = {}
        self._process: ManagedProcess | None = None
        self._channel: Channel | None = None
        self._ready = threading.Event()

    def start(self) -> None:
        """Start the parent and return at once: its imports go on behind. Does nothing while it runs."""
        with self._lock:
            if self.is_running():
                return
            self._ready = ready = threading.Event()
            tasks: dict[str, Task] = {}
            self._tasks = tasks
            channel = Channel(self.name, lambda m: self._hear(tasks, ready, m), lambda: self._lost(tasks, ready))
            with channel.handed_over() as theirs:
                self._process = self._spawner.start(
                    self.name,
                    [sys.executable, "-P", "-m", "harness.machines.application.warm", str(theirs)],
                    log=self._log,
                    env={"PYTHONPATH": str(_IMPORT_ROOT)},
                    pass_fds=(theirs,),
                )
            self._channel = channel

    def is_running(self) -> bool:
        return self._process is not None and self._process.is_running()

    def run(
        self,
        task_id: str,
        env: Mapping[str, str],
        address: str,
        port: int,
        log: Path,
        *,
        on_exit: Callable[[int], None] | None = None,
    ) -> Task:
        """Start a task that listens on `address`; when this returns, connections to it are accepted.

        `env` holds its settings and secrets, which go over a private socket. `on_exit` is called with the exit code
        from another thread, and must not block it. Raises MachineFailed when the host is gone, when settings are
        missing or the address cannot be used.
        """
        with self._lock:
            channel, tasks, ready = self._channel, self._tasks, self._ready
            if channel is None or task_id in tasks:
                raise MachineFailed(f"task {task_id} {'runs already' if channel else 'has no host that runs'}")
            task = tasks[task_id] = Task(task_id, channel.send, on_exit)
        if not ready.wait(_PARENT_READY_WITHIN):
            raise MachineFailed(f"{self.name} was not ready within {_PARENT_READY_WITHIN:.0f} s\n{tail(self._log)}")
        own = {"TASK_ID": task_id, "AWS_REGION": self.region, "LISTEN_ADDRESS": address, "LISTEN_PORT": str(port)}
        if not channel.send({"run": task_id, "env": {**env, **own}, "log": str(log.absolute())}):
            task.end(KILLED)
        task.await_start()
        return task

    def kill(self) -> None:
        """End the parent and all its tasks at once. It may be started again, then without tasks."""
        with self._lock:
            process, channel, self._channel = self._process, self._channel, None
        if process is None or channel is None:
            return
        process.kill_tree()
        channel.close()

    def pause(self) -> None:
        """Freeze the parent and all its tasks; what is asked of it meanwhile is done when it goes on."""
        if self._process:
            self._process.pause()

    def resume(self) -> None:
        if self._process:
            self._process.resume()

    def is_paused(self) -> bool:
        return self._process is not None and self._process.is_paused()

    def _hear(self, tasks: dict[str, Task], ready: threading.Event, message: Message) -> None:
        if "ready" in message:
            ready.set()
            return
        task = tasks[message["task"]]
        if "started" not in message:
            del tasks[message["task"]]
        task.hear(message)

    def _lost(self, tasks: dict[str, Task], ready: threading.Event) -> None:
        """The parent is gone, and with it every task."""
        ready.set()
        while tasks:
            tasks.popitem()[1].end(KILLED)
