"""SIGINT, SIGTERM and SIGHUP, from the first moment of a command: exit 130, no traceback, and nothing runs on.

While modules load, nothing needs to be healed yet: the command is broken off where it is (`stoppable`). Python loses
what is raised in some places, such as the callbacks of its own import locks; so what came is remembered as well.
As soon as a command has something to bring to a good end, it takes over with `Interruption`.
"""

from __future__ import annotations

import atexit
import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from types import FrameType
from typing import Any

from harness.clock import Instant, SystemClock, span

INTERRUPTED = 130
"""The exit code after a signal."""
ONE_PRESS = timedelta(seconds=1)
"""A Ctrl-C that comes twice within this time (from the terminal, and again from whoever started us) is one."""

Handler = Callable[[int, FrameType | None], Any]


class Ended(SystemExit):
    """A command has ended with this exit code."""

    def __init__(self, exit_code: int) -> None:
        super().__init__(exit_code)
        self.exit_code = exit_code


class _Told:
    """The first signal that came before anybody waited for one."""

    def __init__(self) -> None:
        self._clock = SystemClock()
        self.at: Instant | None = None

    def notice(self, _: int, __: FrameType | None) -> None:
        """Break off, once; whoever asks again a second later does not want to wait for anything."""
        if self.at is None:
            self.at = self._clock.now()
            raise Ended(INTERRUPTED)
        if span(self.at, self._clock.now()) > ONE_PRESS:
            os._exit(INTERRUPTED)


_told = _Told()


def break_off_if_told() -> None:
    """Raises Ended when a signal came already, also where it was lost."""
    if _told.at is not None:
        raise Ended(INTERRUPTED)


def take_over(handler: Handler | signal.Handlers) -> dict[signal.Signals, Any]:
    """Have `handler` called from now on; returns those of before. An ignored SIGHUP, as under nohup, stays ignored."""
    numbers = [signal.SIGINT, signal.SIGTERM]
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        numbers.append(signal.SIGHUP)
    return {number: signal.signal(number, handler) for number in numbers}


def give_back(before: dict[signal.Signals, Any]) -> None:
    for number, handler in before.items():
        signal.signal(number, handler)


@contextmanager
def stoppable(*, for_good: bool) -> Iterator[None]:
    """A signal raises Ended in the main thread, until somebody takes over. In another thread this does nothing.

    Afterwards the handlers of before are back, unless it is `for_good`: then the process has only Python's own end
    before it. A signal cuts short the wait for its threads; once the modules go, where Python would take the handlers
    away and the signal end the process as if nothing had been done, it comes too late to change the exit code.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = take_over(_told.notice)
    try:
        yield
        break_off_if_told()
    finally:
        if for_good:
            atexit.register(take_over, signal.SIG_IGN)
            take_over(lambda *_: os._exit(INTERRUPTED))
        else:
            give_back(before)
            _told.at = None
