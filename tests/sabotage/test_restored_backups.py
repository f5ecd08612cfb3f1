"""Restores of whole backups, by RDS and by AWS Backup: a gap is declared for each, and excuses nothing else."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from pathlib import Path

import pytest

from harness.capabilities import Spoiling
from harness.cloud.services.backup import Backup
from harness.cloud.services.rds import Rds
from harness.drill import Drill
from harness.estate import Role
from harness.faults.spoil_backups import SpoilBackups
from harness.objectives import Outcome
from harness.probes.restorable import backups_of
from harness.recovery.procedure import Recovery
from harness.spec import DrillSpec, Strike
from harness.verdict import GapStatus
from harness.wait import until
from scenarios.database_corruption_snapshot import DRILL as SNAPSHOT
from scenarios.database_restore_backup import DRILL as BACKUP
from steps.prepare import said
from tests.sabotage.meddling import session, spoil_backups
from tests.sabotage.mutants import With, Without
from tests.sabotage.rehearsal import labelmint, rehearse

LATEST = "restore the latest automated snapshot"
POINT = "restore the latest recovery point"
both = pytest.mark.parametrize("drill", [SNAPSHOT, BACKUP], ids=lambda drill: drill.name)


def daily_backup(drill: Drill) -> None:
    """AWS takes the next automated snapshot, and the plan its next recovery point; returns when both are there."""
    scene = drill.scene
    primary = scene.estate.database(Role.PRIMARY_DATABASE)
    before = {backup.identifier for backup in backups_of(scene.aws(), primary)}
    rds, backup = (scene.environment.cloud.service(kind) for kind in (Rds, Backup))  # type: ignore[attr-defined]
    rds.backups.begin(rds.instances.of_role(Role.PRIMARY_DATABASE))
    [plan] = backup._plans
    backup._run(plan, f"arn:aws:iam::{scene.estate.account_id}:role/{scene.estate.backup_plans[0].service_role}")

    def both_are_there() -> bool:
        new = {one.kind for one in backups_of(scene.aws(), primary) if one.identifier not in before}
        return {"automated", "recovery point"} <= new

    until("a new snapshot and a new recovery point", both_are_there, within=timedelta(seconds=20))


@both
def test_the_drill_as_it_is_has_its_gap_and_nothing_else(tmp_path: Path, drill: DrillSpec) -> None:
    verdict = rehearse(drill, tmp_path)
    assert verdict.known_gap is not None, said(verdict)
    assert verdict.known_gap.status is GapStatus.PRESENT
    assert verdict.of("RPO") is Outcome.FAIL
    assert verdict.effective is Outcome.PASS, said(verdict)


def test_a_snapshot_that_holds_the_corruption_is_caught(tmp_path: Path) -> None:
    """It was taken between the bad deployment and the recovery, so it is the latest; the runbook does not look."""

    verdict = rehearse(SNAPSHOT, tmp_path, before_recovery=daily_backup)
    assert verdict.of("integrity") is Outcome.FAIL, said(verdict)
    assert verdict.of("validation") is Outcome.FAIL, said(verdict)
    assert verdict.effective is Outcome.FAIL


@pytest.mark.parametrize(
    ("drill", "how"), [(SNAPSHOT, Spoiling.TRUNCATED), (BACKUP, Spoiling.EMPTY)], ids=["truncated", "empty"]
)
def test_a_backup_that_is_none_is_caught(tmp_path: Path, drill: DrillSpec, how: Spoiling) -> None:
    spoiled = Strike(SpoilBackups(how), Role.PRIMARY_DATABASE)
    verdict = rehearse(dataclasses.replace(drill, weaknesses=(spoiled,), rehearsal_rto=timedelta(seconds=1)), tmp_path)
    assert verdict.of("procedure") is Outcome.FAIL, said(verdict)
    assert verdict.effective is Outcome.FAIL


@both
def test_a_backup_with_the_content_of_an_older_one_is_caught(tmp_path: Path, drill: DrillSpec) -> None:
    """It restores well, and by its date it holds what was acknowledged before it: no gap excuses that."""

    def stale_backup(running: Drill) -> None:
        daily_backup(running)
        spoil_backups(running, Role.PRIMARY_DATABASE, Spoiling.STALE)

    verdict = rehearse(drill, tmp_path, before_strike=stale_backup)
    ledger = verdict.finding("ledger")
    assert ledger
    assert ledger.outcome is Outcome.FAIL, said(verdict)
    assert "acknowledged before the moment that was restored and lost" in ledger.detail
    assert verdict.effective is Outcome.FAIL


@pytest.mark.parametrize(
    ("drill", "sql"),
    [
        (SNAPSHOT, "UPDATE task_submissions SET payload = 'altered' WHERE id = 7"),
        (BACKUP, "DELETE FROM projects WHERE id = 50"),
    ],
    ids=["altered", "vanished"],
)
def test_a_restore_with_altered_rows_is_caught(tmp_path: Path, drill: DrillSpec, sql: str) -> None:
    drills: list[Drill] = []

    def alter(_: Recovery) -> None:
        with session(drills[0], Role.RESTORED_DATABASE) as opened:
            opened.execute("DELETE FROM task_submissions WHERE project_id = 50")
            opened.execute(sql.encode())

    mutant = With(drill.procedure, LATEST if drill is SNAPSHOT else POINT, alter)
    verdict = rehearse(dataclasses.replace(drill, procedure=mutant), tmp_path, before_recovery=drills.append)
    assert verdict.of("integrity") is Outcome.FAIL, said(verdict)


def test_a_lost_primary_that_was_never_fenced_is_caught(tmp_path: Path) -> None:
    mutant = Without(BACKUP.procedure, ("fence the lost primary",))
    verdict = rehearse(dataclasses.replace(BACKUP, procedure=mutant), tmp_path)
    assert verdict.of("fencing") is Outcome.FAIL, said(verdict)


def test_a_plan_that_runs_each_hour_closes_the_gap(tmp_path: Path) -> None:
    """What keeps the promise is told as such, and the declaration then fails the build until it is taken away."""
    estate = labelmint()
    hourly = tuple(plan.model_copy(update={"schedule": "cron(0 * ? * * *)"}) for plan in estate.backup_plans)
    verdict = rehearse(BACKUP, tmp_path, estate=estate.model_copy(update={"backup_plans": hourly}))
    assert verdict.of("RPO") is Outcome.PASS, said(verdict)
    assert verdict.known_gap is not None
    assert verdict.known_gap.status is GapStatus.GONE
