"""A Python that has loaded what a rehearsal takes, and waits to be told which one.

`drill run` starts it first of all and looks at what it was asked for meanwhile: on two cores that saves half a second
of every run. One that is not needed after all ends without having done anything.
"""

from __future__ import annotations

import importlib
import json
import os
import runpy
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import harness
from harness import garbage
from harness.machines.processes import die_with_us

ROOT = Path(harness.__file__).resolve().parents[1]
"""Where rehearsals run unless told otherwise: the folder that holds the features."""
_LOADED = ("pytest", "gherkin.parser", "allure_commons.model2", "harness.drill", "harness.environments.embedded")
"""What takes long to import. Nothing of `steps`: pytest imports its plugins itself."""
_TOLD_TO_STOP = 2
"""As pytest says that it was interrupted."""

_waiting: list[subprocess.Popen[bytes]] = []


@contextmanager
def prepared() -> Iterator[None]:
    """Have one process wait, for as long as this lasts; whoever takes it has it for good.

    To be used from the main thread: the kernel ends a child with the thread that started it.
    """
    _waiting.append(_start())
    try:
        yield
    finally:
        while _waiting:
            process = _waiting.pop()
            process.kill()
            process.communicate()


def take(arguments: Sequence[str], log: Path, root: Path = ROOT) -> subprocess.Popen[bytes]:
    """A process that is `python -m pytest` in `root` with these arguments from now on, all its output in `log`."""
    process = _waiting.pop() if _waiting else _start()
    assert process.stdin
    with suppress(BrokenPipeError), process.stdin as line:  # one that died is seen by whoever waits for it
        line.write(json.dumps({"arguments": list(arguments), "log": str(log), "root": str(root)}).encode())
    return process


def _start() -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", f"import {__name__} as spare; spare.wait()"],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT,
        start_new_session=True, preexec_fn=_before_it_executes(),  # noqa: PLW1509
    )  # fmt: skip


def _before_it_executes() -> Callable[[], None]:
    """What the child does first: it hears SIGINT again, which a shell that starts `drill … &` has ignored."""
    die_too = die_with_us(signal.SIGKILL)

    def begin() -> None:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        if die_too:
            die_too()

    return begin


def wait() -> None:
    """What the process does: load, read what it is told, and be pytest. Returns when nobody tells it anything.

    SIGINT ends it at once until it is pytest: an import can lose a KeyboardInterrupt, and the drill would begin.
    """
    signal.signal(signal.SIGINT, lambda *_: os._exit(_TOLD_TO_STOP))
    garbage.seldom()
    with suppress(Exception):  # whatever it is: pytest meets it again, and can tell
        for module in _LOADED:
            importlib.import_module(module)
    if not (told := sys.stdin.buffer.read()):
        return
    order = json.loads(told)
    os.chdir(order["root"])
    _turn_to(Path(order["log"]))
    sys.argv = ["pytest", *order["arguments"]]
    signal.signal(signal.SIGINT, signal.default_int_handler)
    runpy.run_module("pytest", run_name="__main__", alter_sys=True)


def _turn_to(log: Path) -> None:
    """Read from nowhere and write to `log` from now on."""
    nowhere, output = os.open(os.devnull, os.O_RDONLY), os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
    for descriptor, instead in ((0, nowhere), (1, output), (2, output)):
        os.dup2(instead, descriptor)
    os.close(nowhere)
    os.close(output)
