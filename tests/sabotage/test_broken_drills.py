"""Drills that break down on the way: the evidence is sealed all the same, and says that nothing was proved."""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import ClassVar

import pytest

from harness.capabilities import Killable
from harness.drill import Drill
from harness.evidence import load, rejudge, verify
from harness.objectives import Outcome
from scenarios.database_promote_replica import DRILL
from steps.prepare import said
from tests.sabotage.rehearsal import ROOT, rehearse

PYTEST = (sys.executable, "-m", "pytest", "features", "-q", "-p", "no:cacheprovider")


def test_a_writer_that_died_early_proves_nothing(tmp_path: Path) -> None:
    """Who does not write cannot lose, so its silence must not look like safety."""

    def kill_the_writers(drill: Drill) -> None:
        crew = drill.scene.crew
        assert crew is not None
        crew._running["writers"].kill()

    verdict = rehearse(DRILL, tmp_path, before_recovery=kill_the_writers)
    assert verdict.of("workload") is Outcome.INCONCLUSIVE, said(verdict)
    assert verdict.outcome is not Outcome.PASS


@dataclasses.dataclass(frozen=True, slots=True)
class Explodes:
    """A fault whose author made a mistake."""

    needs: ClassVar[type] = Killable

    def inject(self, target: Killable) -> None:
        raise ZeroDivisionError("a mistake in a fault")

    def has_bitten(self, target: Killable) -> bool:
        return False

    def heal(self, target: Killable) -> None:
        raise ZeroDivisionError("a mistake in its healing, too")


def test_a_drill_that_crashes_is_sealed_with_a_verdict(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError):
        rehearse(dataclasses.replace(DRILL, fault=Explodes()), tmp_path)
    folder = tmp_path / DRILL.name
    verify(folder)
    assert load(folder).verdict.outcome is Outcome.INCONCLUSIVE
    assert rejudge(folder) == load(folder).verdict


def test_a_step_that_fails_before_the_first_then_leaves_a_verdict(tmp_path: Path) -> None:
    """The Given fails, so no Then is reached: the finalizer judges, seals and fails the build."""
    missing = tmp_path / "no-such-directory"
    done = subprocess.run(
        [*PYTEST, "--drill=database-promote-replica", f"--drill-out={tmp_path / 'out'}"],
        cwd=ROOT,
        env={**os.environ, "DRILL_POSTGRES_BIN": str(missing)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 1, done.stdout
    verdict = json.loads((tmp_path / "out" / "database-promote-replica" / "verdict.json").read_text())
    assert verdict["outcome"] == "INCONCLUSIVE"
    assert "no-such-directory" in json.dumps(verdict["findings"])
