"""The disk of the harness fills while the recovery is under way: nobody has shown that the recovery is at fault."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from harness.objectives import Outcome
from harness.recovery.procedure import Recovery
from scenarios.database_promote_replica import DRILL
from steps.prepare import said
from tests.sabotage.mutants import With
from tests.sabotage.rehearsal import rehearse


@pytest.fixture
def small_disk(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A file system of its own for the servers; only root can make one."""
    with tempfile.TemporaryDirectory(prefix="lmtest-") as made:
        place = Path(made)
        place.chmod(0o755)
        mounting = ["mount", "-t", "tmpfs", "-o", "size=600m,mode=755", "tmpfs", made]
        if os.geteuid() != 0 or subprocess.run(mounting, check=False, capture_output=True).returncode:
            pytest.skip("only root can mount a small file system, and not everywhere")
        monkeypatch.setenv("DRILL_WORK_DIR", made)
        yield place
        subprocess.run(["umount", "-l", made], check=True)


def test_a_disk_that_fills_during_the_recovery_is_no_failure_of_it(small_disk: Path, tmp_path: Path) -> None:
    def fill(_: Recovery) -> None:
        with (small_disk / "somebody-elses").open("wb") as file, suppress(OSError):
            while True:
                os.posix_fallocate(file.fileno(), file.tell(), 1 << 20)
                file.seek(1 << 20, os.SEEK_CUR)

    mutant = With(DRILL.procedure, "assess the impact", fill)
    verdict = rehearse(dataclasses.replace(DRILL, procedure=mutant), tmp_path)
    assert verdict.outcome is Outcome.INCONCLUSIVE, said(verdict)
    assert f"no room was left in {small_disk}" in said(verdict)
    assert "the drill's disk was full" in said(verdict), "nothing failed for it"
