"""Where people read: one kind of console for all commands."""

from __future__ import annotations

from rich.console import Console

_NARROWEST = 120


def console_for(*, stderr: bool = False) -> Console:
    """A console that does not fold lines to 80 columns where there is no terminal."""
    console = Console(stderr=stderr, highlight=False)
    if not console.is_terminal:
        console.width = max(console.width, _NARROWEST)
    return console
