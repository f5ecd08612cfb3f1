"""SIGINT, SIGTERM and SIGHUP, from the first moment of a command: exit 130, no traceback, and nothing runs on.

While modules load, nothing has to be healed yet, and the process ends at once (`stoppable`): an exception would be lost
in some places, such as the callbacks of Python's own import locks. As soon as a command has something to bring to a
good end, it takes over with `Interruption`.
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
def stoppable() -> Iterator[None]:
    """A signal ends the process with 130 until somebody takes over. In another thread than the main one: nothing.

    Afterwards the process has only Python's own end before it. A signal cuts short the wait for its threads; once the
    modules go, where Python would take the handlers away and the signal end the process as if nothing had been done, it
    comes too late to change the exit code.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    take_over(lambda *_: os._exit(INTERRUPTED))
    try:
        yield
    finally:
        atexit.register(take_over, signal.SIG_IGN)
