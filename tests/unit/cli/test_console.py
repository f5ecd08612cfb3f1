"""A stream that takes nothing more ends no drill."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from harness.cli.console import console_for, put

FULL = Path("/dev/full")


@pytest.mark.skipif(not FULL.exists(), reason="only Linux has a device that is always full")
def test_a_full_disk_is_told_once_and_then_nothing_more(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with FULL.open("w", buffering=1) as full:
        monkeypatch.setattr(sys, "stdout", full)
        put("one")
        put("another")
        console_for().print("a third")
    said = capsys.readouterr().err
    assert said.count("cannot be written") == 1
    assert "No space left" in said
