"""Where people read: one kind of console for all commands."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import IO, Any

from rich.console import Console

_NARROWEST = 120


class _Patient(Console):
    """What cannot be told goes nowhere: a drill heals and seals whether or not somebody listens."""

    def on_broken_pipe(self) -> None:
        go_unheard(self.file)

    def print(self, *objects: Any, **style: Any) -> None:
        try:
            super().print(*objects, **style)
        except OSError as error:
            _give_up(self.file, error)


def go_unheard(stream: IO[str]) -> None:
    """Send all that is written to a stream from now on nowhere, and what waits in it."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def put(text: str) -> None:
    """Write a line to standard output, if anybody still reads it."""
    try:
        print(text, flush=True)
    except BrokenPipeError:
        go_unheard(sys.stdout)
    except OSError as error:
        _give_up(sys.stdout, error)


def _give_up(stream: IO[str], error: OSError) -> None:
    """Write nothing more to a stream that takes nothing, such as a file on a full disk, and say so once."""
    go_unheard(stream)
    if stream is not sys.stderr:
        with suppress(OSError):
            print(f"what was to be told cannot be written: {error.strerror or error}", file=sys.stderr, flush=True)


def console_for(*, stderr: bool = False) -> Console:
    """A console that does not fold lines to 80 columns where there is no terminal."""
    console = _Patient(stderr=stderr, highlight=False)
    if not console.is_terminal:
        console.width = max(console.width, _NARROWEST)
    return console
