"""What the operating system says about a place for files, in our words."""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from harness.errors import DiskFull, EnvironmentFailed, MachineFailed

ELSEWHERE = "Set DRILL_WORK_DIR to a directory that you can write to and everybody may pass through."
_TOO_LITTLE = 1 << 20
_TWO_SEGMENTS = 32 << 20
"""PostgreSQL writes ahead in files of 16 MiB, and takes back the one that it could not make: it looks free then."""
_GET_FLAGS, _SET_FLAGS, _TOP_OF_TREE = 0x80086601, 0x40086602, 0x00020000
"""FS_IOC_GETFLAGS, FS_IOC_SETFLAGS and FS_TOPDIR_FL of linux/fs.h."""


@contextmanager
def room(place: Path) -> Iterator[None]:
    """Turn what the operating system says about `place` into our errors: DiskFull or MachineFailed."""
    try:
        yield
    except OSError as error:
        raise no_room(place, error) from error


def no_room(place: Path, error: OSError) -> EnvironmentFailed:
    """The error to raise when a file below `place` could not be written."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT) or has_no_room(place):
        return disk_full(f"no room is left in {place}")
    return MachineFailed(f"{error.filename or place} cannot be used: {error.strerror or error}", hint=ELSEWHERE)


def disk_full(what: str) -> DiskFull:
    return DiskFull(what, hint="Free some, or set DRILL_WORK_DIR and DRILL_CACHE_DIR to roomier places.")


def spread_below(folder: Path) -> None:
    """Ask the file system to put each directory made in `folder` into a place of its own, where it knows such a thing.

    ext4 does not use a file's number again in the minute after its deletion, and looks at each one that it skips.
    Where runs follow one another, cloning a database took up to seven times as long (0.35 s of processor for 0.05 s).
    """
    if sys.platform != "linux":
        return
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        flags = bytearray(8)
        fcntl.ioctl(handle, _GET_FLAGS, flags)
        wanted = int.from_bytes(flags, sys.byteorder) | _TOP_OF_TREE
        fcntl.ioctl(handle, _SET_FLAGS, wanted.to_bytes(8, sys.byteorder))
    except OSError:
        pass  # another file system: nothing is promised there
    finally:
        os.close(handle)


def has_no_room(place: Path) -> bool:
    """Whether the disk that holds `place` is as good as full."""
    try:
        return shutil.disk_usage(place).free < _TOO_LITTLE
    except OSError:
        return False


def is_short_of_room(place: Path) -> bool:
    """Whether a database that works there can be expected to have met the end of the disk."""
    try:
        return shutil.disk_usage(place).free < _TWO_SEGMENTS
    except OSError:
        return False


def cache_folder(cache_dir: Path, name: str) -> Path:
    """A directory kept between runs. Raises MachineFailed when somebody else could have filled it in a shared place."""
    path = cache_dir / name
    with room(cache_dir):
        path.mkdir(parents=True, exist_ok=True)
        shared = cache_dir.absolute().parent.stat().st_mode & stat.S_IWOTH
        ours = all(one.lstat().st_uid == os.geteuid() for one in (cache_dir, path))
    if shared and not ours:
        raise MachineFailed(f"{cache_dir} belongs to somebody else", hint="Set DRILL_CACHE_DIR to a place of yours.")
    return path
