"""The files of a running estate, and what is left of runs that died.

A workspace belongs to one harness, which holds a lock on it for as long as it lives. The kernel drops the lock with the
process, so whoever can take it knows that the owner is dead.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from harness.errors import BadConfig
from harness.machines.disk import ELSEWHERE, room, spread_below
from harness.machines.server_user import server_user, servers_may_pass
from harness.machines.shared_memory import remove_segment
from harness.machines.watchdog import kill_remembered, start_time

_PREFIX = "labelmint-drill-run-"
"""Not a prefix of the cache's default name, which stands in the same directory."""
_HANDS = 4
_STARTING = ".labelmint-drill-"
_LONGEST_SOCKET_FOLDER = 103 - len("/.s.PGSQL.65535")
"""macOS allows 103 bytes in a socket's path, Linux 107."""


class Workspace:
    """One run's directory: anybody may pass through it, only its owner may look into it."""

    def __init__(self, root: Path, run: str, lock: int) -> None:
        self.root = root
        self.run = run
        self._lock = lock
        self._guard = threading.Lock()
        self._sockets = 0

    @classmethod
    def create(cls, work_dir: Path, run: str) -> Workspace:
        """Make and lock the directory of a run. Raises BadConfig, DiskFull, or MachineFailed when it cannot be made."""
        root = work_dir.absolute() / f"{_PREFIX}{run}"
        with room(work_dir):
            work_dir.mkdir(parents=True, exist_ok=True)
            if not servers_may_pass(work_dir):
                raise BadConfig(f"the servers' account cannot pass through {work_dir}", hint=ELSEWHERE)
            unborn = Path(tempfile.mkdtemp(prefix=_STARTING, dir=root.parent))
            try:
                lock = os.open(unborn / "owner.lock", os.O_RDWR | os.O_CREAT, 0o600)
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                unborn.chmod(0o711)
                (unborn / "logs").mkdir(mode=0o700)
                unborn.rename(root)
            except OSError:
                shutil.rmtree(unborn, ignore_errors=True)
                raise
        return cls(root, run, lock)

    def folder(self, name: str) -> Path:
        """A directory of that name that the servers own and nobody else can enter; made when it is missing."""
        path = self.root / name
        with room(self.root):
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            spread_below(path.parent)
            path.mkdir(mode=0o700, exist_ok=True)
            for made in (path, *path.parents):
                if made == self.root:
                    break
                give_to_servers(made)
        return path

    def socket_folder(self) -> Path:
        """A new directory for one server's Unix socket, near enough to the root to fit into a socket's address."""
        with self._guard:
            self._sockets += 1
            near = self.root / "s" / str(self._sockets)
        if len(os.fsencode(near)) <= _LONGEST_SOCKET_FOLDER:
            return self.folder(str(near.relative_to(self.root)))
        with room(self.root):
            far = Path(tempfile.mkdtemp(prefix="lm-", dir="/tmp"))
            self._append("elsewhere", str(far))
            give_to_servers(far)
        return far

    def log(self, machine: str) -> Path:
        """Where that machine's output goes."""
        return self.root / "logs" / f"{machine}.log"

    def remember(self, pid: int) -> None:
        """Note a process so that it can be ended after our death, and only if it is still the same one."""
        if started := start_time(pid):
            self._append("processes", f"{pid} {started}")

    def remove(self) -> tuple[str, ...]:
        """Delete all files, and the shared memory of servers that died; returns what could not be deleted.

        May be called twice.
        """
        if self._lock < 0:
            return ()
        left = [kept for pid_file in _pid_files(self.root) if (kept := remove_segment(pid_file))]
        elsewhere = self.root / "elsewhere"
        folders = [Path(line) for line in elsewhere.read_text().splitlines()] if elsewhere.exists() else []
        for folder in (*folders, self.root):
            left += _remove_tree(folder)
        os.close(self._lock)
        self._lock = -1
        return tuple(left)

    def _append(self, file: str, line: str) -> None:
        with (self.root / file).open("a") as lines:
            lines.write(line + "\n")


def sweep(work_dir: Path) -> tuple[str, ...]:
    """End and remove what dead runs of this user left in `work_dir`; returns their names. Live runs are not touched."""
    swept = []
    for root, lock in _dead(work_dir):
        kill_remembered(root / "processes")
        Workspace(root, root.name.removeprefix(_PREFIX), lock).remove()
        swept.append(root.name)
    return tuple(swept)


def logs_of_run(work_dir: Path, run: str) -> tuple[Path, ...]:
    """The servers' logs of a run, for as long as its workspace is there."""
    return tuple(sorted((work_dir / f"{_PREFIX}{run}" / "logs").glob("*.log")))


def leftovers(work_dir: Path) -> tuple[str, ...]:
    """The names of dead runs of this user that `sweep` would remove; nothing is changed."""
    found = []
    for root, lock in _dead(work_dir):
        os.close(lock)
        found.append(root.name)
    return tuple(found)


def give_to_servers(path: Path) -> None:
    """Make the servers' account the owner, where it is not ours."""
    if user := server_user():
        os.chown(path, user.uid, user.gid)


def _dead(work_dir: Path) -> Iterator[tuple[Path, int]]:
    """Each dead run of ours, and the lock on it that we now hold."""
    for root in (*work_dir.glob(f"{_PREFIX}*"), *work_dir.glob(f"{_STARTING}*")):
        if (lock := _take_over(root)) is not None:
            yield root, lock


def _take_over(root: Path) -> int | None:
    """The lock of a dead run of ours; None when it lives, is not ours, or is a minute old and not yet locked."""
    try:
        if root.is_symlink() or root.stat().st_uid != os.geteuid():
            return None
        stillborn = root.name.startswith(_STARTING) and root.stat().st_mtime < time.time() - 60
        lock = os.open(root / "owner.lock", os.O_RDWR | (os.O_CREAT if stillborn else 0), 0o600)
    except OSError:
        return None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if root.exists():
            return lock
    except OSError:
        pass
    os.close(lock)
    return None


def _pid_files(root: Path) -> Iterator[Path]:
    for depth in ("*", "*/*", "*/*/*"):
        yield from root.glob(f"{depth}/postmaster.pid")


def _remove_tree(root: Path) -> list[str]:
    """Delete a tree, also where a drill took write permission away; returns what is left.

    The owner's lock goes last: whoever is interrupted here leaves what the next sweep can take over.
    """
    inside = root.iterdir() if root.is_dir() else ()
    trees = [child for child in inside if child.is_dir() and not child.is_symlink()]
    with ThreadPoolExecutor(_HANDS, "removes") as hands:  # the kernel works on several trees at a time
        for tree in trees:
            hands.submit(shutil.rmtree, tree, ignore_errors=True)
    shutil.rmtree(root, ignore_errors=True)
    if not root.exists():
        return []
    for folder, _, _ in os.walk(root):
        Path(folder).chmod(0o700)
    shutil.rmtree(root, ignore_errors=True)
    return [str(path) for path in (root, *root.rglob("*")) if path.exists()]
