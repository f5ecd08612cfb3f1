"""A disk that is full is told from one that is not, also where a database has just given back what it could not use."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from harness.machines.disk import has_no_room, is_short_of_room

MIB = 1 << 20


@pytest.mark.parametrize(
    ("free", "short", "none"), [(0, True, True), (17 * MIB, True, False), (64 * MIB, False, False)]
)
def test_a_write_ahead_file_that_did_not_fit_leaves_a_disk_short_of_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free: int, short: bool, none: bool
) -> None:
    usage = shutil.disk_usage(tmp_path)._replace(free=free)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    assert (is_short_of_room(tmp_path), has_no_room(tmp_path)) == (short, none)


def test_a_place_that_is_gone_is_not_full(tmp_path: Path) -> None:
    assert not is_short_of_room(tmp_path / "gone")
