"""Child processes that end when the harness ends, however it ends.

Linux sends a child its death signal when the *thread* that forked it exits, so one thread that lives as long as the
estate forks them all. A watchdog does the rest (see watchdog.py).
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

from harness.clock import SystemClock, span
from harness.errors import EnvironmentFailed, MachineFailed
from harness.machines import watchdog
from harness.machines.disk import disk_full, has_no_room, room
from harness.machines.managed import ManagedProcess
from harness.machines.server_user import server_user
from harness.machines.workspace import Workspace

__all__ = ["ManagedProcess", "Spawner", "die_with_us", "failure", "tail"]

_PR_SET_PDEATHSIG = 1
_GRACE = timedelta(milliseconds=500)
_FULL = ("No space left on device", "Disk quota exceeded")


class Spawner:
    """Starts a run's processes; any thread may ask it to."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._thread = ThreadPoolExecutor(1, "spawner")
        self._started: list[ManagedProcess] = []
        self._watchdog = self._start_watchdog()

    def start(
        self,
        name: str,
        args: Sequence[str | Path],
        *,
        log: Path | None = None,
        env: Mapping[str, str] | None = None,
        as_server_user: bool = False,
        stdin: int | None = None,
        stdout: int | None = None,
        pass_fds: Sequence[int] = (),
        death_signal: signal.Signals = signal.SIGKILL,
        cwd: Path | None = None,
    ) -> ManagedProcess:
        """Start a program and return at once.

        Of our environment it gets PATH only, to which `env` adds. Output goes to `log` (the workspace's log of that
        name when not given), standard output to `stdout` instead if one is given. It has a session of its own: Ctrl-C
        reaches the harness alone. Raises MachineFailed when it cannot be executed, DiskFull.
        """
        path = log or self._workspace.log(name)
        with room(path.parent):
            output = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            options = {
                "stdin": subprocess.DEVNULL if stdin is None else stdin,
                "stdout": output if stdout is None else stdout,
                "stderr": output,
                "env": {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC", **(env or {})},
                "pass_fds": tuple(pass_fds),
                "cwd": cwd or Path("/"),
                "preexec_fn": die_with_us(death_signal),
                **(_as_server_user() if as_server_user else {}),
            }
            return self._thread.submit(self._fork, name, args, options).result()
        except RuntimeError as error:
            raise MachineFailed(f"{name} cannot be started: the estate is being torn down") from error
        finally:
            os.close(output)

    def run(
        self,
        name: str,
        args: Sequence[str | Path],
        *,
        timeout: timedelta,
        log: Path | None = None,
        env: Mapping[str, str] | None = None,
        as_server_user: bool = False,
        stdin: int | None = None,
        stdout: int | None = None,
        pass_fds: Sequence[int] = (),
        cwd: Path | None = None,
    ) -> str:
        """Run a program to its end and return its standard output, unless that went to `stdout`.

        Raises DiskFull, or MachineFailed when it fails or is still running after `timeout`; errors go to the log.
        """
        path = log or self._workspace.log(name)
        before = path.stat().st_size if path.exists() else 0
        process = self.start(
            name, args, log=log, env=env, as_server_user=as_server_user, stdin=stdin,
            stdout=subprocess.PIPE if stdout is None else stdout, pass_fds=pass_fds, cwd=cwd,
        )  # fmt: skip
        try:
            output, _ = process.popen.communicate(timeout=timeout.total_seconds())
        except subprocess.TimeoutExpired:
            process.kill_tree()
            process.popen.communicate()
            raise MachineFailed(f"{name} was still running after {timeout}\n{tail(path, since=before)}") from None
        text = bytes(output or b"").decode(errors="replace")
        if process.exit_code != 0:
            raise failure(
                f"{name} ended with {process.exit_code}", text + tail(path, since=before), self._workspace.root
            )
        return text

    def close(self) -> None:
        """End all that still run: asked first, killed after half a second. Nothing can be started afterwards."""
        running = [process for process in self._started if process.is_running()]
        below = [child for process in running for child in watchdog.descendants_of(process.pid)]
        for process in running:
            process.resume()
            process.signal(signal.SIGTERM)
        clock = SystemClock()
        asked = clock.now()
        for process in running:
            left = _GRACE - span(asked, clock.now())
            if not process.wait(left):
                process.kill_tree()
        for child in below:
            watchdog.send(child, signal.SIGKILL)
        self._thread.shutdown()
        if self._watchdog.stdin:
            self._watchdog.stdin.close()
        self._watchdog.kill()
        self._watchdog.wait()

    def _fork(self, name: str, args: Sequence[str | Path], options: dict[str, Any]) -> ManagedProcess:
        try:
            popen = subprocess.Popen([str(arg) for arg in args], umask=0o077, start_new_session=True, **options)
        except (OSError, subprocess.SubprocessError) as error:
            raise MachineFailed(f"{name}: {args[0]} cannot be executed: {error}") from error
        self._workspace.remember(popen.pid)
        process = ManagedProcess(name, popen, self._workspace)
        self._started = [one for one in self._started if one.exit_code is None] + [process]
        return process

    def _start_watchdog(self) -> subprocess.Popen[bytes]:
        program = [sys.executable, "-I", "-S", watchdog.__file__, str(self._workspace.root / "processes")]
        return subprocess.Popen(
            program, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/", env={},
            start_new_session=True,
        )  # fmt: skip


def failure(what: str, output: str, place: Path) -> EnvironmentFailed:
    """The error to raise for a program that ended with this output: DiskFull when that was why, else MachineFailed.

    On a full disk even the log may be empty, so `place` is looked at too.
    """
    if any(sign in output for sign in _FULL) or has_no_room(place):
        return disk_full(f"{what}: no room is left")
    return MachineFailed(f"{what}\n{_last_lines(output)}".rstrip())


def tail(log: Path, *, since: int = 0) -> str:
    """The last lines of a log, of what was written after `since` bytes; empty when there is none."""
    try:
        with log.open("rb") as file:
            file.seek(max(since, log.stat().st_size - 8192))
            return _last_lines(file.read().decode(errors="replace"))
    except OSError:
        return ""


def _last_lines(text: str) -> str:
    return "\n".join(text.splitlines()[-12:])


def _as_server_user() -> dict[str, Any]:
    user = server_user()
    return {"user": user.uid, "group": user.gid, "extra_groups": []} if user else {}


def die_with_us(death_signal: signal.Signals) -> Callable[[], None] | None:
    """What the child does before it executes; Popen calls it after the change of user, which would undo it."""
    if sys.platform != "linux":
        return None
    prctl, harness, number = ctypes.CDLL(None).prctl, os.getpid(), int(death_signal)

    def ask_kernel() -> None:
        prctl(_PR_SET_PDEATHSIG, number)
        if os.getppid() != harness:
            os.kill(os.getpid(), signal.SIGKILL)

    return ask_kernel
