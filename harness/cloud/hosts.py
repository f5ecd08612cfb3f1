"""What a region's loss means for each kind of machine."""

from __future__ import annotations

from typing import Protocol

from harness.capabilities import Darkness


class _Freezes(Protocol):
    def pause(self) -> None: ...
    def resume(self) -> None: ...
    def is_paused(self) -> bool: ...
    def is_running(self) -> bool: ...


class _Keeps(_Freezes, Protocol):
    def lose(self) -> None: ...
    def is_lost(self) -> bool: ...
    def come_back(self) -> None: ...


class _Serves(_Freezes, Protocol):
    def kill(self) -> None: ...
    def start(self) -> None: ...


class KeepsData:
    """A machine with data: it comes back with what it held, if that survives a power cut at all."""

    def __init__(self, machine: _Keeps) -> None:
        self._machine = machine

    def go_dark(self, how: Darkness) -> None:
        if how is Darkness.GONE:
            self._machine.lose()
        else:
            self._machine.pause()

    def is_dark(self) -> bool:
        return self._machine.is_paused() or not self._machine.is_running()

    def come_back(self) -> None:
        if self._machine.is_paused():
            self._machine.resume()
        if self._machine.is_lost():
            self._machine.come_back()


class KeepsNothing:
    """A machine that keeps nothing and is started again."""

    def __init__(self, machine: _Serves) -> None:
        self._machine = machine

    def go_dark(self, how: Darkness) -> None:
        if how is Darkness.GONE:
            self._machine.kill()
        else:
            self._machine.pause()

    def is_dark(self) -> bool:
        return self._machine.is_paused() or not self._machine.is_running()

    def come_back(self) -> None:
        if self._machine.is_paused():
            self._machine.resume()
        self._machine.start()
