"""A backup that is deleted while somebody looks at it is one that is gone, and no error."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from harness.machines.backup import BaseBackup


def test_a_backup_that_goes_while_it_is_measured_has_no_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    backup = BaseBackup(tmp_path / "backup", "db", spawner=_never())
    backup.folder.mkdir()
    backup.content.write_bytes(b"content")
    assert backup.size() == 7
    found = backup.files()
    backup.remove()
    monkeypatch.setattr(BaseBackup, "files", lambda _: found)
    assert backup.size() == 0


def _never() -> Any:
    """What starts programs; measuring starts none."""
    return None
