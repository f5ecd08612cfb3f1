"""A machine that is one process, and what that process started: it can be ended, killed and frozen as a whole."""

from __future__ import annotations

from harness.machines.managed import ManagedProcess


class OneProcess:
    """Whoever starts it puts the process here; before that none of these does anything."""

    _process: ManagedProcess | None = None

    def is_running(self) -> bool:
        return self._process is not None and self._process.is_running()

    def stop(self) -> None:
        """End it in order; what it held in memory is gone."""
        if self._process:
            self._process.stop()

    def kill(self) -> None:
        """Die as a host does: at once, and nobody is told."""
        if self._process:
            self._process.kill_tree()

    def pause(self) -> None:
        """Freeze it: the kernel still accepts connections, and nothing is answered."""
        if self._process:
            self._process.pause()

    def resume(self) -> None:
        if self._process:
            self._process.resume()

    def is_paused(self) -> bool:
        return self._process is not None and self._process.is_paused()
