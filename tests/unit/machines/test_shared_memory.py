"""The segment of a dead server goes, and only that one."""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.machines.shared_memory import remove_segment
from harness.machines.template import _INITDB

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux lists segments with their makers")
_PRIVATE, _CREATE, _REMOVE = 0, 0o1000 | 0o600, 0


@pytest.fixture
def segment() -> Iterator[int]:
    system = ctypes.CDLL(None)
    made = system.shmget(_PRIVATE, 56, _CREATE)
    yield made
    system.shmctl(made, _REMOVE, None)


def exists(segment: int) -> bool:
    return any(line.split()[1] == str(segment) for line in Path("/proc/sysvipc/shm").read_text().splitlines()[1:])


def pid_file(folder: Path, maker: int, segment: int) -> Path:
    file = folder / "postmaster.pid"
    file.write_text(f"{maker}\n/data\n1795399231\n5432\n\n\n{_PRIVATE:>9} {segment:>9}\n")
    return file


@pytest.mark.parametrize("sign", [1, -1], ids=["a server", "what initdb starts"])
def test_the_segment_of_a_pid_file_is_removed(tmp_path: Path, segment: int, sign: int) -> None:
    assert exists(segment)
    assert remove_segment(pid_file(tmp_path, sign * os.getpid(), segment)) is None
    assert not exists(segment)


def test_a_number_that_another_process_uses_by_now_is_left_alone(tmp_path: Path, segment: int) -> None:
    remove_segment(pid_file(tmp_path, os.getpid() + 1, segment))
    assert exists(segment)


def test_initdb_keeps_its_shared_memory_in_the_data_directory() -> None:
    """Killed while it makes the template, it left files of 1 MiB in /dev/shm, where no run looks for them."""
    assert "--set=dynamic_shared_memory_type=mmap" in _INITDB
