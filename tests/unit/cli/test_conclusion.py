"""How a pytest ended, as the end of a run believes it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from harness.cli.conclusion import _ending
from harness.cli.rehearsal import Rehearsal
from harness.cli.stopping import INTERRUPTED


def test_a_full_disk_is_the_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The log that would be named instead is empty, for nothing could be written to it."""
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=0))
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait(60)
    assert _ending(Rehearsal(("drill",), process, tmp_path / "log")).why == f"disk full: no room is left in {tmp_path}"


@pytest.mark.parametrize(("told", "code"), [(False, 0), (True, INTERRUPTED)])
def test_one_that_was_told_to_stop_has_no_word_for_a_pass(tmp_path: Path, told: bool, code: int) -> None:
    """It may not have heard: then it struck, recovered and ended with 0 although nobody wanted it."""
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait(60)
    ending = _ending(Rehearsal(("drill",), process, tmp_path / "log", told_to_stop=told))
    assert ending.code == code
    assert ("told to stop" in ending.why) is told
