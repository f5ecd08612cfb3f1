"""Where an estate lives when nobody says: in memory where there is room, else on the disk for such things."""

from __future__ import annotations

import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

from harness.config import _place_to_work, load_config
from harness.errors import BadConfig


@pytest.mark.parametrize(("free", "chosen"), [(8 << 30, "memory"), (1 << 30, "disk")])
def test_memory_is_used_where_it_has_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free: int, chosen: str
) -> None:
    (tmp_path / "memory").mkdir()
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=free))
    assert _place_to_work(tmp_path / "memory", tmp_path / "disk") == tmp_path / chosen


def test_where_there_is_no_such_place_the_disk_is_used(tmp_path: Path) -> None:
    assert _place_to_work(tmp_path / "none", tmp_path / "disk") == tmp_path / "disk"


def test_a_misspelt_setting_is_not_taken_for_one_that_is_in_force(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRILL_PACEE", "1")
    with pytest.raises(BadConfig, match="no setting DRILL_PACEE") as refused:
        load_config()
    assert "DRILL_PACE?" in refused.value.hint
