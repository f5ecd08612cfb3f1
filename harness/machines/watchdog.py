"""Kills a run's processes when its harness is gone: the half of "children die with us" that the kernel does not do.

Run as a program (`watchdog.py FILE`) it waits until its standard input ends, which happens when the harness dies,
however it dies, and then kills what FILE remembers. Linux would do so by PR_SET_PDEATHSIG, but not to the frozen
children of a server, and macOS knows no such thing. It imports nothing of ours, so that it starts in 20 ms.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

_PROC = Path("/proc")


def start_time(pid: int) -> str | None:
    """What tells a process from a later one with the same number; None when there is none, or only a zombie."""
    if not (_PROC / "self/stat").exists():
        return _ps(pid, "lstart")
    state, started = _stat(pid)
    if state in "ZX":
        return None
    return f"{(_PROC / 'sys/kernel/random/boot_id').read_text().strip()}:{started}"


def state_of(pid: int) -> str:
    """One letter as `ps` prints it, "T" being stopped; empty when there is no such process."""
    if (_PROC / "self/stat").exists():
        return _stat(pid)[0].strip("X")
    return (_ps(pid, "state") or "")[:1]


def children_of(pid: int) -> list[int]:
    """The direct children of a process."""
    task = _PROC / str(pid) / "task"
    try:
        return [int(child) for one in task.iterdir() for child in (one / "children").read_text().split()]
    except (FileNotFoundError, ProcessLookupError):
        return _children_by_ps(pid)


def descendants_of(pid: int) -> list[int]:
    """All processes below one, parents before children."""
    found = children_of(pid)
    return found + [grandchild for child in found for grandchild in descendants_of(child)]


def kill_tree(pid: int) -> list[int]:
    """Stop a process so that it starts nothing more, kill all below it, then itself; returns what was below it."""
    send(pid, signal.SIGSTOP)
    below = descendants_of(pid)
    for child in reversed(below):
        send(child, signal.SIGKILL)
    send(pid, signal.SIGKILL)
    return below


def send(pid: int, what: signal.Signals) -> None:
    """Signal a process; none such, or one that is not ours any more, is no error."""
    try:
        os.kill(pid, what)
    except (ProcessLookupError, PermissionError):
        return


def kill_remembered(file: Path) -> None:
    """Kill those processes of a file of `pid start-time` lines that are still the same ones, and what is below them."""
    for pid, started in _remembered(file):
        if start_time(pid) == started:
            kill_tree(pid)


def outlive(file: Path, *, looks: int = 20, every: float = 0.05) -> None:
    """Give the death signals a second, in which a server removes its shared memory; then kill what is left.

    That includes orphans, which are still in the group of the process that made them. Long after a death one could not
    go by that: the group's number might be somebody else's by then.
    """
    groups = [pid for pid, started in _remembered(file) if start_time(pid) in (started, None)]
    clock = threading.Event()
    while looks and any(_kill_group(group, 0) for group in groups):
        clock.wait(every)
        looks -= 1
    kill_remembered(file)
    for group in groups:
        _kill_group(group, signal.SIGKILL)


def _remembered(file: Path) -> list[tuple[int, str]]:
    try:
        lines = [line.partition(" ") for line in file.read_text().splitlines()]
    except OSError:
        return []
    return [(int(pid), started) for pid, _, started in lines if pid.isdigit() and started]


def _kill_group(group: int, what: int) -> bool:
    """Signal a group; whether there is one that we may signal."""
    try:
        os.killpg(group, what)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def _stat(pid: int) -> tuple[str, str]:
    """State and start time in ticks; state X when there is no such process. The name may hold blanks and brackets."""
    try:
        fields = (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except (OSError, UnicodeDecodeError):
        return "X", ""
    return fields[0], fields[19]


def _ps(pid: int, column: str) -> str | None:
    shown = subprocess.run(["/bin/ps", "-o", f"{column}=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return shown.stdout.strip() or None


def _children_by_ps(pid: int) -> list[int]:
    if not Path("/bin/ps").exists():
        return []
    shown = subprocess.run(["/bin/ps", "-axo", "pid=,ppid="], capture_output=True, text=True, check=False)
    pairs = (line.split() for line in shown.stdout.splitlines())
    return [int(child) for child, parent in pairs if int(parent) == pid]


if __name__ == "__main__":
    sys.stdin.buffer.read()
    outlive(Path(sys.argv[1]))
