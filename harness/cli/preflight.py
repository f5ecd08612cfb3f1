"""What a run needs of this machine and of the settings, looked at before anything is started. Nothing is changed."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from harness.config import Config
from harness.errors import BadConfig, DiskFull
from harness.machines import binaries
from harness.machines.server_user import servers_may_pass

MIB = 1024**2
ROOM_TO_WORK = 1024 * MIB
"""Free bytes that a drill wants where its estate works: five PostgreSQL servers took 0.4 GiB at the end of a drill."""
ROOM_TO_KEEP = 50 * MIB
"""Free bytes for what is kept between runs: a database template and copies of small programs took 20 MiB."""
ROOM_FOR_EVIDENCE = 100 * MIB
"""Free bytes that the evidence and the reports of a drill want; they take a few."""


def check(config: Config, out: Path, *, drills: int = 1, side_by_side: int = 1) -> None:
    """Raises BadConfig for a place or program that cannot be used, DiskFull for one that has too little room."""
    if config.postgres_bin is not None:
        binaries.postgres_bin(config.postgres_bin)
    usable(config.work_dir, "DRILL_WORK_DIR", servers=True)
    usable(config.cache_dir, "DRILL_CACHE_DIR", servers=True)
    usable(out, "DRILL_OUT_DIR or --out")
    roomy(config.work_dir, side_by_side * ROOM_TO_WORK, "DRILL_WORK_DIR")
    roomy(out, drills * ROOM_FOR_EVIDENCE, "DRILL_OUT_DIR or --out")


def usable(place: Path, setting: str, *, servers: bool = False) -> None:
    """Raises BadConfig where no directory can be made or filled, or where the servers' account cannot get to."""
    try:
        there = existing(place)
        with tempfile.TemporaryFile(dir=there):
            pass
        reached = not servers or servers_may_pass(there)
    except OSError as error:
        hint = f"Set {setting} to a directory that you can write to."
        raise BadConfig(f"{place} cannot be used: {error.strerror}", hint=hint) from error
    if not reached:
        hint = f"Set {setting} to a directory that everybody may pass through, such as one below /tmp."
        raise BadConfig(f"{place} cannot be used: the servers' account cannot pass through it", hint=hint)


def roomy(place: Path, needed: int, setting: str) -> None:
    """Raises DiskFull where fewer bytes than these are free."""
    if (free := room(place)) < needed:
        fact = f"{place} has {free // MIB} MiB free, and {needed // MIB} MiB are needed"
        raise DiskFull(fact, hint=f"Free some, or set {setting} to a roomier place.")


def room(place: Path) -> int:
    """The bytes that are free there, or where it would be made."""
    return shutil.disk_usage(existing(place)).free


def existing(place: Path) -> Path:
    """The place itself, or the nearest directory above it that is there. Raises OSError."""
    return next(path for path in (place, *place.parents) if _is_there(path))


def _is_there(path: Path) -> bool:
    try:
        path.stat()
    except FileNotFoundError:
        return False
    return True
