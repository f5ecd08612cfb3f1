"""The `drill` command. Importing this loads nothing heavy: each command imports what it needs when it is called.

`main` is the one boundary between errors and people: a DrillError becomes its message, its hint and its exit code, and
only DRILL_DEBUG=1 shows a traceback. That variable is read here and not in `harness.config`, since it has to work when
the settings themselves cannot be read.
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Sequence
from contextlib import nullcontext
from typing import Any

from harness.cli.stopping import Ended, stoppable
from harness.errors import DrillError, UsageError

__all__ = ["Ended", "main"]

_UNEXPECTED = 2


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line. Returns 0 pass, 1 fail, 2 inconclusive, 3 refused, 4 bad usage, 130 interrupted.

    Without `argv` it is the process's own command line, and what ends it.
    """
    try:
        with stoppable() if argv is None else nullcontext():
            return _performed(argv)
    except Ended as ended:
        return ended.exit_code


def _performed(argv: Sequence[str] | None) -> int:
    """The exit code of a command that came to its own end. Raises Ended."""
    from harness.cli.app import app

    try:
        code = app(args=None if argv is None else list(argv), prog_name="drill", standalone_mode=False)
    except DrillError as error:
        return _told(error.in_full(), error.exit_code)
    except Exception as error:  # the boundary to people: whatever it is, they get two lines and a code
        if hasattr(error, "format_message"):  # whichever parser Typer brings: its refusals share no public class
            return _refused(error.format_message(), getattr(error, "ctx", None))
        unexpected = f"drill met an error that it should not have met: {type(error).__name__}: {error}"
        hint = "Run it again with DRILL_DEBUG=1 and report what it prints in the project's issue tracker."
        return _told(f"{unexpected}\nHINT: {hint}", _UNEXPECTED)
    return code if isinstance(code, int) else 0


def _refused(fact: str, context: Any) -> int:
    """What the parser could not understand; it says nothing where it has printed the help instead."""
    if not fact:
        return UsageError.exit_code
    command = context.command_path if context else "drill"
    fact = fact[:1].lower() + fact[1:].rstrip(".")
    return _told(UsageError(fact, hint=f"{command} --help lists what it takes.").in_full(), UsageError.exit_code)


def _told(text: str, exit_code: int) -> int:
    if os.environ.get("DRILL_DEBUG", "0") not in ("", "0"):
        traceback.print_exc()
    print(text, file=sys.stderr)
    return exit_code
