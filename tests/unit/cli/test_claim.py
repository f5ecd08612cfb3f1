"""Two runs never share a folder."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from harness.cli.claim import claimed
from harness.cli.running import _make_folder
from harness.config import Config
from harness.errors import UsageError

HOLDS = """
import signal, sys
from pathlib import Path
from harness.cli.claim import claimed
with claimed(Path(sys.argv[1])):
    print("held", flush=True)
    signal.pause()
"""


def test_a_second_run_into_a_folder_is_refused_and_changes_nothing(tmp_path: Path) -> None:
    """Exit code 4 and a way out; what the first run wrote stays as it is."""
    out = tmp_path / "out"
    with claimed(out):
        (out / "pytest.log").write_text("mine")
        before = sorted(out.iterdir())
        with pytest.raises(UsageError, match="another run is under way") as refused, claimed(out):
            (out / "pytest.log").write_text("yours")
        assert (refused.value.exit_code, "--out" in refused.value.hint) == (4, True)
        assert (sorted(out.iterdir()), (out / "pytest.log").read_text()) == (before, "mine")


def test_a_run_that_ended_leaves_its_folder_free(tmp_path: Path) -> None:
    for _ in range(2):
        with claimed(tmp_path / "out"):
            pass


def test_a_run_that_was_killed_leaves_its_folder_free(tmp_path: Path) -> None:
    """The kernel drops the lock with the process."""
    holder = subprocess.Popen([sys.executable, "-c", HOLDS, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    with pytest.raises(UsageError), claimed(tmp_path):
        pass
    holder.send_signal(signal.SIGKILL)
    holder.communicate()
    with claimed(tmp_path):
        pass


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="cannot be written to"), claimed(tmp_path / "file" / "out"):
        pass


def test_what_an_earlier_run_said_of_a_drill_is_gone_before_it_begins(tmp_path: Path) -> None:
    """Pytest's word and the pages; another drill's are left alone."""
    for name in ("index.html", "a-drill.html", "a-drill.pytest", "other.pytest"):
        (tmp_path / name).write_text("passed")
    drill: Any = SimpleNamespace(name="a-drill")
    _make_folder(tmp_path, [drill], Config(), default=False)
    assert {path.name for path in tmp_path.iterdir()} == {"other.pytest", "pytest.log"}
