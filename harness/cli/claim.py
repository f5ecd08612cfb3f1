"""One run at a time in a folder: who rehearses holds a lock there, which the kernel drops with the process."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from harness.errors import UsageError

NAME = ".run.lock"
"""Left behind on purpose: to remove it would let a third run lock another file than a second one waits for."""


@contextmanager
def claimed(out: Path) -> Iterator[None]:
    """Make a run's folder and hold it for that run alone. Raises UsageError when another run holds it.

    The programs that the run starts do not inherit the lock, so a run that was killed leaves its folder free.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
        lock = os.open(out / NAME, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        hint = "Choose another folder with --out or DRILL_OUT_DIR."
        raise UsageError(f"{out} cannot be written to: {error.strerror}", hint=hint) from error
    try:
        _lock(lock, out)
        yield
    finally:
        os.close(lock)


def _lock(lock: int, out: Path) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as held:
        hint = "Wait for it to end, or choose another --out."
        raise UsageError(f"another run is under way in {out}", hint=hint) from held
    except OSError as error:
        hint = "Choose an --out on a local disk."
        raise UsageError(f"{out} cannot be locked: {error.strerror}", hint=hint) from error


def stale_in(out: Path, drills: Iterable[str]) -> Iterator[Path]:
    """What of an earlier run may lie in its folder and would be taken for what is said of these drills now."""
    yield out / "index.html"
    for drill in drills:
        yield out / f"{drill}.pytest"
        yield out / f"{drill}.html"
