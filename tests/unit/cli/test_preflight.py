"""What a run needs is looked at before anything is started, and looking leaves nothing."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.cli import preflight
from harness.config import Config
from harness.errors import BadConfig, DiskFull


def settings(folder: Path) -> Config:
    return Config(work_dir=folder / "work", cache_dir=folder / "cache", out_dir=folder / "out")


@pytest.fixture
def folder() -> Iterator[Path]:
    """A place that servers of another account can get to, unlike pytest's own."""
    with tempfile.TemporaryDirectory() as made:
        Path(made).chmod(0o755)
        yield Path(made)


def test_a_usable_machine_is_let_pass_and_left_as_it_was(folder: Path) -> None:
    preflight.check(settings(folder), folder / "out")
    assert not any(folder.iterdir())


@pytest.mark.parametrize(
    ("place", "variable"),
    [("work_dir", "DRILL_WORK_DIR"), ("cache_dir", "DRILL_CACHE_DIR"), ("postgres_bin", "DRILL_POSTGRES_BIN")],
)
def test_a_place_that_is_a_file_names_its_variable(folder: Path, place: str, variable: str) -> None:
    (folder / "file").touch()
    with pytest.raises(BadConfig, match="file") as refused:
        preflight.check(settings(folder).model_copy(update={place: folder / "file"}), folder / "out")
    assert refused.value.exit_code == 4
    assert variable in refused.value.hint


def test_too_little_room_is_told_with_what_is_needed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Drills side by side need it once each; one after the other they share it."""
    monkeypatch.setattr(preflight, "room", lambda _: 2 * preflight.ROOM_TO_WORK - 1)
    preflight.check(settings(folder), folder / "out", drills=2)
    with pytest.raises(DiskFull, match="2047 MiB free, and 2048 MiB are needed") as refused:
        preflight.check(settings(folder), folder / "out", drills=2, side_by_side=2)
    assert "DRILL_WORK_DIR" in refused.value.hint
    assert refused.value.exit_code == 2


def test_room_is_that_of_where_it_would_be_made(folder: Path) -> None:
    assert preflight.room(folder / "not" / "yet") == pytest.approx(shutil.disk_usage(folder).free, rel=0.2)
