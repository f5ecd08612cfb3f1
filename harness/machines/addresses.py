"""Loopback addresses of a run's own: 127.A.zone.n, where A belongs to one run at a time.

Two marks keep runs apart: a lock file for runs of one user, and a port bound on the block for all others of the host,
who keep their lock files elsewhere. The kernel takes both back when the harness dies.
"""

from __future__ import annotations

import fcntl
import os
import socket
import sys
import threading
from collections import Counter
from collections.abc import Mapping
from itertools import chain
from pathlib import Path

from harness.errors import NoFreeAddress
from harness.machines.disk import cache_folder, room

BLOCKS = range(64, 224)
STANDARD_PORTS = (53, 80, 443, 3000, 5432, 6379)
_GUARD_PORT = 30999
_EPHEMERAL = 30000
"""Substitutes stay below the ports that outgoing connections take."""
_ZONES = (0, 1, 2)
_END_OTHERS = "End other drills that run on this host; what dead ones left is removed by the next run."
_ALIASES = f"for z in 0 1 2; do for n in $(seq 1 20); do sudo ifconfig lo0 alias 127.{BLOCKS[0]}.$z.$n; done; done"
REMEDY = (
    f"macOS has only 127.0.0.1 until you make one block of addresses: {_ALIASES}"
    if sys.platform == "darwin"
    else "Bring the loopback interface up with all of 127.0.0.0/8: ip addr add 127.0.0.1/8 dev lo; ip link set lo up"
)
"""What to do where no address can be bound."""


class AddressBlock:
    """One leased block; `ports` says which real port stands for each standard one on all of its addresses."""

    def __init__(self, block: int, lock: int, guard: socket.socket) -> None:
        self.block = block
        self._lock = lock
        self._guard = guard
        self._given: Counter[int] = Counter()
        self._mutex = threading.Lock()
        self.ports: Mapping[int, int] = {standard: self._port_for(standard) for standard in STANDARD_PORTS}

    @classmethod
    def lease(cls, cache_dir: Path) -> AddressBlock:
        """Take a free block for the life of this process. Raises NoFreeAddress."""
        locks = cache_folder(cache_dir, "addresses")
        for block in _in_turn():
            if (lock := _locked(locks / f"{block}.lock")) is None:
                continue
            if guard := _bound(f"127.{block}.0.1", _GUARD_PORT, socket.SOCK_STREAM):
                return cls(block, lock, guard)
            os.close(lock)
        if usable_block() is None:
            raise NoFreeAddress("no loopback address can be bound", hint=REMEDY)
        raise NoFreeAddress("no block of loopback addresses is free", hint=_END_OTHERS)

    def next(self, zone: int) -> str:
        """The next address of a zone: 0 global, 1 primary region, 2 DR region. Raises NoFreeAddress after 254."""
        with self._mutex:
            self._given[zone] += 1
            number: int = self._given[zone]
        if number > 254:
            raise NoFreeAddress(f"all 254 addresses of zone {zone} are in use", hint="Make the estate smaller.")
        return f"127.{self.block}.{zone}.{number}"

    def release(self) -> None:
        """Give the block back; may be called twice."""
        self._guard.close()
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1

    def _port_for(self, standard: int) -> int:
        for port in chain([standard], range(standard + 10000, _EPHEMERAL, 100)):
            if _can_serve(f"127.{self.block}.0.1", port):
                return port
        self.release()
        raise NoFreeAddress(f"nothing can stand for port {standard} on 127.{self.block}.0.1", hint=_END_OTHERS)


def usable_block() -> int | None:
    """A block on whose addresses servers may listen, leased or not; None where none can be bound."""
    for block in BLOCKS:
        if all(cannot_listen(f"127.{block}.{zone}.1", 0) is None for zone in _ZONES):
            return block
    return None


def cannot_listen(address: str, port: int) -> str | None:
    """None when a server may listen there, otherwise why it may not."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError as error:
            return error.strerror
    return None


def _in_turn() -> list[int]:
    """All blocks, from one that depends on the process: stragglers of the last run should not meet this one."""
    first = os.getpid()
    return [BLOCKS[(first + step) % len(BLOCKS)] for step in range(len(BLOCKS))]


def _locked(file: Path) -> int | None:
    with room(file.parent):
        lock = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(lock)
        return None
    return lock


def _bound(address: str, port: int, kind: socket.SocketKind) -> socket.socket | None:
    bound = socket.socket(socket.AF_INET, kind)
    try:
        bound.bind((address, port))
        if kind is socket.SOCK_STREAM:
            bound.listen(1)
    except OSError:
        bound.close()
        return None
    return bound


def _can_serve(address: str, port: int) -> bool:
    """Whether a server may listen there, by TCP and by UDP (a resolver needs both)."""
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        with socket.socket(socket.AF_INET, kind) as probe:
            if kind is socket.SOCK_STREAM:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((address, port))
            except OSError:
                return False
    return True
