"""The one System V segment that a PostgreSQL server leaves behind when it is killed."""

from __future__ import annotations

import ctypes
from pathlib import Path

_IPC_RMID = 0
_TABLE = Path("/proc/sysvipc/shm")


def remove_segment(pid_file: Path) -> str | None:
    """Remove the segment named on line 7 of a dead server's `postmaster.pid`; returns its name when that was refused.

    Numbers are used again, so the segment goes only when key, id and maker are still the ones in the file. A server
    without clients, as initdb starts them, writes its process id with a minus sign.
    """
    try:
        lines = pid_file.read_text().splitlines()
        postmaster, (key, segment) = abs(int(lines[0])), (int(part) for part in lines[6].split())
    except (OSError, IndexError, ValueError):
        return None
    if not _is_ours(key, segment, postmaster):
        return None
    refused = ctypes.CDLL(None, use_errno=True).shmctl(segment, _IPC_RMID, None)
    return f"shared memory segment {segment}" if refused else None


def _is_ours(key: int, segment: int, postmaster: int) -> bool:
    if not _TABLE.exists():
        return True
    rows = (line.split() for line in _TABLE.read_text().splitlines()[1:])
    return any((int(row[0]), int(row[1]), int(row[4])) == (key, segment, postmaster) for row in rows)
