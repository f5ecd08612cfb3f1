"""The process in waiting: it becomes pytest with what it is told, and leaves nothing when it is told nothing."""

from __future__ import annotations

import signal
from pathlib import Path

from harness.cli import spare


def test_the_one_in_waiting_is_pytest_once_it_is_told_what_to_run(tmp_path: Path) -> None:
    with spare.prepared():
        process = spare.take(["--version"], tmp_path / "log")
        assert process.wait(60) == 0
    assert (tmp_path / "log").read_text().startswith("pytest ")


def test_without_one_in_waiting_another_is_started(tmp_path: Path) -> None:
    assert spare.take(["--no-such-option"], tmp_path / "log").wait(60) == 4
    assert "--no-such-option" in (tmp_path / "log").read_text()


def test_one_that_nobody_takes_is_gone_afterwards() -> None:
    with spare.prepared():
        [process] = spare._waiting
        assert process.poll() is None
    assert process.returncode is not None
    assert not spare._waiting


def test_it_hears_the_signal_that_we_ignore(tmp_path: Path) -> None:
    """A script's `drill … &` ignores SIGINT; its pytest would strike and go on to the end after "stopping"."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with spare.prepared():
            process = spare._waiting[0]
            process.send_signal(signal.SIGINT)
            assert process.wait(60) != 0
    finally:
        signal.signal(signal.SIGINT, before)
