"""A rollback that was forgotten, half done, or never needed: the drill must not pass."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from harness.objectives import Outcome
from harness.recovery.procedure import Recovery
from scenarios.database_failover_rollback import DRILL
from steps.prepare import said
from tests.sabotage.mutants import Instead, Without
from tests.sabotage.rehearsal import rehearse

ROLL_BACK = "roll back what was prepared"


def test_the_drill_as_it_is_passes(tmp_path: Path) -> None:
    """Nothing acknowledged after the failed switch is lost, and all that was prepared is put back."""
    verdict = rehearse(DRILL, tmp_path)
    assert verdict.outcome is Outcome.PASS, said(verdict)


def test_a_rollback_that_was_forgotten_is_caught(tmp_path: Path) -> None:
    """The alternative overwrites what was prepared, so service comes back all the same."""
    verdict = rehearse(dataclasses.replace(DRILL, procedure=Without(DRILL.procedure, (ROLL_BACK,))), tmp_path)
    assert verdict.of("rollback") is Outcome.FAIL, said(verdict)


def test_a_rollback_that_forgets_the_settings_is_caught(tmp_path: Path) -> None:
    def only_the_record(recovery: Recovery) -> None:
        undo = recovery.undo.pop()
        undo.restore()
        recovery.undo.clear()

    mutant = Instead(DRILL.procedure, ROLL_BACK, only_the_record)
    verdict = rehearse(dataclasses.replace(DRILL, procedure=mutant), tmp_path)
    assert verdict.of("rollback") is Outcome.FAIL, said(verdict)


def test_a_switch_that_did_not_fail_proves_nothing_about_the_rollback(tmp_path: Path) -> None:
    verdict = rehearse(dataclasses.replace(DRILL, weaknesses=()), tmp_path)
    assert verdict.of("rollback") is Outcome.INCONCLUSIVE, said(verdict)
    assert verdict.outcome is not Outcome.PASS
