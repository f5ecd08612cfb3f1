"""Raising on a full disk ends with that word, and not with what waited for the part that has no room."""

from __future__ import annotations

import queue
import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from harness.cloud.cloud import Cloud
from harness.errors import DiskFull


def test_a_part_that_waits_on_a_full_disk_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tasks that cannot start are tried again and again; the place that is full is named at once, with a remedy."""
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=0))
    cloud = cast("Cloud", SimpleNamespace(workspace=SimpleNamespace(root=tmp_path / "run")))
    failure = Cloud._outcome(cloud, queue.SimpleQueue())
    assert isinstance(failure, DiskFull)
    assert str(tmp_path) in failure.message
    assert "DRILL_WORK_DIR" in failure.hint
