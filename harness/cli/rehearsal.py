"""The pytest processes of a run: started, watched, and on Ctrl-C stopped in good order.

Each is the leader of a session of its own, so that a terminal's Ctrl-C reaches it once, through us. pytest answers it
by running its finalizers: faults are healed, the estate is taken down, the bundle is sealed.
"""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import chain
from pathlib import Path
from types import FrameType
from typing import Any

from harness.cli import spare
from harness.cli.stopping import ONE_PRESS, give_back, take_over
from harness.clock import Clock, Instant, SystemClock, span

PATIENCE = timedelta(seconds=60)
"""How long finalizers may take after Ctrl-C."""
_LOOK = 0.1
_TOLD_TO = (1, 2)
"""Standard output and standard error."""


@dataclass(frozen=True, slots=True)
class Terms:
    """How the drills of a run are rehearsed."""

    root: Path
    out: Path
    environment: str
    operator: str
    pace: float


@dataclass(slots=True)
class Rehearsal:
    """One pytest process and the drills that it rehearses, one after the other."""

    drills: tuple[str, ...]
    process: subprocess.Popen[bytes]
    log: Path
    told_to_stop: bool = False


_UNUSED = ("cacheprovider", "hypothesispytest", "xdist", "timeout", "unraisableexception", "threadexception", "valkey")
"""Plugins of pytest that a drill does not need and that would make it wait: seconds, where they are installed."""


def start(terms: Terms, drills: Sequence[str], log: Path) -> Rehearsal:
    """Start pytest for some drills; its own output goes to `log`. It dies with this process, however that dies.

    Warnings are errors in tests; here they are told, for a dependency's deprecation says nothing of a recovery.

    To be called from the main thread: the kernel ends the child with the thread that started it.
    """
    arguments = [
        "features", "-q", "-W", "default",
        *chain.from_iterable(("-p", f"no:{it}") for it in _UNUSED),
        f"--environment={terms.environment}", f"--operator={terms.operator}", f"--pace={terms.pace}",
        f"--drill-out={terms.out}", f"--alluredir={terms.out / 'allure-results'}",
        *(f"--drill={drill}" for drill in drills),
    ]  # fmt: skip
    process = spare.take(arguments, log, terms.root)
    return Rehearsal(tuple(drills), process, log)


class Interruption:
    """Notices SIGINT, SIGTERM and SIGHUP; what is to be done about them is done by `watch`, outside of the handler.

    A SIGHUP says that the terminal may be gone: what would be told there goes nowhere from then on, lest an error of
    writing keeps the drill from being healed.
    """

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock = clock or SystemClock()
        self._woken = threading.Event()
        self._before: dict[signal.Signals, Any] = {}
        self._terminals: tuple[int, ...] = ()
        self.first: Instant | None = None
        self.again = False
        self.signal: signal.Signals | None = None

    def __enter__(self) -> Interruption:
        self._terminals = tuple(fd for fd in _TOLD_TO if os.isatty(fd))
        self._before = take_over(self._notice)
        return self

    def __exit__(self, *_: object) -> None:
        give_back(self._before)

    def since_first(self) -> timedelta:
        return timedelta(0) if self.first is None else span(self.first, self._clock.now())

    def wait(self, seconds: float | None = None) -> None:
        """Return when a signal comes, or after some time."""
        self._woken.wait(seconds)
        self._woken.clear()

    def _notice(self, number: int, _: FrameType | None) -> None:
        if self.first is None:
            self.first, self.signal = self._clock.now(), signal.Signals(number)
        elif self.since_first() > ONE_PRESS:
            self.again = True
        if number == signal.SIGHUP:
            self._fall_silent()
        self._woken.set()

    def _fall_silent(self) -> None:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        for terminal in self._terminals:
            os.dup2(nowhere, terminal)
        os.close(nowhere)


def watch(
    rehearsals: Sequence[Rehearsal], interruption: Interruption, look: Callable[[], None], say: Callable[[str], None]
) -> None:
    """Wait until every pytest has ended, calling `look` all the while. A drill has deadlines; so this has none."""
    asked = False
    while running := [one for one in rehearsals if one.process.poll() is None]:
        if interruption.first is not None and not asked:
            asked = True
            say("stopping: the fault is healed and the estate taken down (Ctrl-C again to kill)")
            for one in running:
                one.told_to_stop = True
                one.process.send_signal(signal.SIGINT)
        if interruption.again or interruption.since_first() > PATIENCE:
            say("killing what still runs")
            for one in running:
                _kill(one.process)
        look()
        interruption.wait(_LOOK)
    look()


def _kill(process: subprocess.Popen[bytes]) -> None:
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
    process.wait()
