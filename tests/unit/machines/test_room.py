"""A place without room is noted once, also where it first could not be noted."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from harness.facts import RoomRanOut
from harness.machines.room import RoomWatch
from harness.wait import until

MIB = 1 << 20
Fill = Callable[[int], None]


@pytest.fixture
def leave(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Fill:
    """Makes so many bytes be free from now on."""
    usage = shutil.disk_usage(tmp_path)

    def leave(free: int) -> None:
        monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=free))

    leave(1 << 40)
    return leave


def test_a_disk_that_fills_and_is_freed_again_was_full(tmp_path: Path, leave: Fill) -> None:
    noted: list[RoomRanOut] = []
    watch = RoomWatch(noted.append, work=tmp_path / "work", evidence=tmp_path / "evidence")
    watch.start()
    leave(17 * MIB)
    until("it was seen", lambda: noted, within=timedelta(seconds=10))
    leave(1 << 40)
    watch.stop()
    watch.stop()
    assert noted == [RoomRanOut(str(tmp_path / "work"), "servers")]


def test_what_cannot_be_noted_is_noted_later(tmp_path: Path, leave: Fill) -> None:
    """The log is on that disk too."""
    noted: list[RoomRanOut] = []

    def note(fact: RoomRanOut) -> None:
        if len(refusals) < 2:
            refusals.append(fact)
            raise OSError(errno.ENOSPC, "No space left on device")
        noted.append(fact)

    refusals: list[RoomRanOut] = []
    watch = RoomWatch(note, work=tmp_path / "work", evidence=tmp_path / "evidence")
    leave(0)
    watch.look()
    watch.stop()
    assert {fact.of for fact in noted} == {"servers", "evidence"}
    assert len(noted) == 2


def test_a_disk_with_room_is_not_noted(tmp_path: Path, leave: Fill) -> None:
    noted: list[RoomRanOut] = []
    watch = RoomWatch(noted.append, work=tmp_path, evidence=tmp_path)
    leave(64 * MIB)
    watch.stop()
    assert not noted
