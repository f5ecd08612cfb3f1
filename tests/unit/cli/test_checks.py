"""`drill doctor` says what is missing with its remedy, and only what a drill needs keeps it from running."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest

from harness.cli import checks
from harness.cli.checks import Check, State
from harness.cli.doctor import can_run
from harness.config import Config
from harness.machines import addresses
from harness.machines.workspace import Workspace


def settings(folder: Path, **more: Any) -> Config:
    return Config(work_dir=folder, cache_dir=folder / "cache", out_dir=folder / "out", **more)


def test_every_check_here_has_a_remedy_where_something_is_missing(tmp_path: Path) -> None:
    for check in checks.examine_machine(settings(tmp_path)):
        assert check.detail
        assert check.remedy or check.state in {State.OK, State.NOTE}


def test_programs_that_no_drill_needs_may_be_absent(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    absent = list(checks.programs())
    assert {check.state for check in absent} == {State.ABSENT}
    assert can_run(absent)


def test_missing_server_programs_keep_a_drill_from_running(tmp_path: Path) -> None:
    check = checks.postgres(settings(tmp_path, postgres_bin=tmp_path))
    assert check.state is State.WRONG
    assert "DRILL_POSTGRES_BIN" in check.remedy
    assert not can_run([check])


def test_an_old_python_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 10, 0, "final", 0))
    assert checks.python().state is State.MISSING


def test_a_full_disk_names_the_variable_that_helps(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Also where the folder is not made yet."""
    full = shutil.disk_usage(tmp_path)._replace(free=1024)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: full)
    check = checks.place("work directory", tmp_path / "not" / "yet", "DRILL_WORK_DIR", 2048)
    assert check.state is State.MISSING
    assert "DRILL_WORK_DIR" in check.remedy


def test_a_place_that_cannot_be_used_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    check = checks.place("work directory", tmp_path / "file", "DRILL_WORK_DIR", 0)
    assert check.state is State.WRONG
    assert "DRILL_WORK_DIR" in check.remedy
    assert not can_run([check])


def test_a_host_without_loopback_addresses_is_told_how_to_make_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on macOS, where nothing but 127.0.0.1 is there until somebody makes more."""
    monkeypatch.setattr(addresses, "cannot_listen", lambda address, port: "Can't assign requested address")
    check = checks.loopback()
    assert check.state is State.MISSING
    assert check.remedy == addresses.REMEDY
    monkeypatch.setattr(addresses, "cannot_listen", lambda address, port: None if "127.64." in address else "no")
    assert checks.loopback().state is State.OK


def test_a_live_run_and_the_cache_are_no_leftovers() -> None:
    """Only what a dead harness left is told, and looking removes nothing."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o711)  # servers run as somebody else when we are root
        cache = folder / "labelmint-drill-cache-somebody"
        cache.mkdir()
        os.utime(cache, (0, 0))
        alive = Workspace.create(folder, "alive")
        assert checks.dead_runs(settings(folder)).state is State.OK
        assert not any(cache.iterdir())
        alive.remove()


def test_what_a_dead_run_left_is_told(tmp_path: Path) -> None:
    dead = tmp_path / "labelmint-drill-run-dead"
    dead.mkdir()
    (dead / "owner.lock").touch()
    os.utime(dead, (0, 0))
    check = checks.dead_runs(settings(tmp_path))
    assert check.state is State.NOTE
    assert dead.name in check.detail
    assert dead.exists()


def test_nothing_missing_means_ready() -> None:
    assert can_run([Check("a", State.OK, ""), Check("b", State.NOTE, ""), Check("c", State.ABSENT, "")])
