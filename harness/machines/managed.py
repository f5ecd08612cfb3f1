"""A process that we started."""

from __future__ import annotations

import subprocess
from datetime import timedelta
from signal import SIGCONT, SIGKILL, SIGSTOP, SIGTERM, Signals
from typing import Any

from harness.errors import MachineFailed
from harness.machines import watchdog
from harness.machines.workspace import Workspace
from harness.wait import until

_AT_ONCE = timedelta(seconds=5)


class ManagedProcess:
    """One program's process: `popen` is the standard library's view of it. Any thread may use it."""

    def __init__(self, name: str, popen: subprocess.Popen[Any], workspace: Workspace) -> None:
        self.name = name
        self.popen = popen
        self._workspace = workspace

    @property
    def pid(self) -> int:
        return self.popen.pid

    @property
    def exit_code(self) -> int | None:
        """What it ended with, negative for a signal; None while it runs."""
        return self.popen.poll()

    def is_running(self) -> bool:
        """True until it has ended; one that nobody waited for yet has ended all the same."""
        return self.popen.poll() is None

    def wait(self, within: timedelta) -> bool:
        """Whether it has ended, at the latest after `within`."""
        try:
            self.popen.wait(max(0.0, within.total_seconds()))
        except subprocess.TimeoutExpired:
            return False
        return True

    def signal(self, what: Signals) -> None:
        """Send a signal; a process that has ended gets none."""
        self.popen.send_signal(what)

    def kill(self) -> None:
        """End it at once, as in a power cut, and wait until it is gone."""
        self.signal(SIGKILL)
        self._gone()

    def kill_tree(self) -> None:
        """End it and all it started, at once: a child that makes itself a session of its own does not escape."""
        below = watchdog.kill_tree(self.pid) if self.is_running() else []
        self._gone()
        all_gone = lambda: not any(map(watchdog.start_time, below))  # noqa: E731
        until(f"the children of {self.name} are gone", all_gone, within=_AT_ONCE)

    def stop(self, sig: Signals = SIGTERM, within: timedelta = timedelta(seconds=5)) -> None:
        """Ask it to end; with all it started it is killed when it has not after `within`."""
        self.resume()
        self.signal(sig)
        if not self.wait(within):
            self.kill_tree()

    def pause(self) -> None:
        """Freeze it and all it started; returns when they stand still."""
        self.signal(SIGSTOP)
        # a parent amid vfork stands still only when its child goes on, so the children come after it
        until(f"{self.name} stands still", lambda: self.is_paused() or not self.is_running(), within=_AT_ONCE)
        for child in watchdog.descendants_of(self.pid):
            # a frozen child does not see its parent die: the watchdog has to know it
            self._workspace.remember(child)
            watchdog.send(child, SIGSTOP)

    def resume(self) -> None:
        """Let it go on where it was frozen; does nothing to one that was not."""
        for child in reversed(watchdog.descendants_of(self.pid)):
            watchdog.send(child, SIGCONT)
        self.signal(SIGCONT)

    def is_paused(self) -> bool:
        return self.is_running() and watchdog.state_of(self.pid) == "T"

    def _gone(self) -> None:
        if not self.wait(_AT_ONCE):
            raise MachineFailed(f"{self.name} (process {self.pid}) does not end although it was killed")
