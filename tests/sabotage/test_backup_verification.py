"""Backups that look as they should and are not: the verification must not pass."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from harness.capabilities import Spoiling
from harness.drill import Drill
from harness.estate import Role
from harness.faults.cut_replication import CutReplication
from harness.objectives import Outcome
from harness.probes.database import connected
from harness.recovery import verify_backups
from harness.recovery.procedure import Recovery
from harness.recovery.verify_backups import VerifyBackups
from harness.spec import DrillSpec, Strike
from harness.verdict import Verdict
from scenarios.backup_verification import DRILL
from steps.prepare import said
from tests.sabotage.meddling import spoil_backups
from tests.sabotage.mutants import Instead, Without
from tests.sabotage.rehearsal import rehearse

VERIFY = VerifyBackups()
RESTORE = "restore the latest and an older one"


def verified(tmp_path: Path, spec: DrillSpec, known: Callable[[Drill], None] | None = None) -> Verdict:
    return rehearse(spec, tmp_path, before_recovery=known)


def test_the_drill_as_it_is_has_only_the_gap_that_is_known(tmp_path: Path) -> None:
    verdict = verified(tmp_path, DRILL)
    assert verdict.effective is Outcome.PASS, said(verdict)
    assert verdict.of("RPO") is Outcome.FAIL, said(verdict)


@pytest.mark.parametrize("how", [Spoiling.TRUNCATED, Spoiling.EMPTY])
def test_backups_that_cannot_be_restored_are_caught(tmp_path: Path, how: Spoiling) -> None:
    """Everything about them looks as it should until somebody restores one."""

    def take_then_spoil(recovery: Recovery) -> None:
        VERIFY.take(recovery)
        spoil_backups(drills[0], Role.PRIMARY_DATABASE, how)

    drills: list[Drill] = []
    mutant = Instead(VERIFY, "take a recovery point", take_then_spoil)
    verdict = verified(tmp_path, dataclasses.replace(DRILL, procedure=mutant), drills.append)
    assert verdict.of("procedure") is Outcome.FAIL, said(verdict)
    assert verdict.effective is not Outcome.PASS


def test_a_stale_backup_is_caught(tmp_path: Path) -> None:
    """The newest recovery point holds what the oldest does: it restores well, and lacks what was written since."""

    def take_then_spoil(recovery: Recovery) -> None:
        VERIFY.take(recovery)
        spoil_backups(drills[0], Role.PRIMARY_DATABASE, Spoiling.STALE)

    drills: list[Drill] = []
    mutant = Instead(VERIFY, "take a recovery point", take_then_spoil)
    verdict = verified(tmp_path, dataclasses.replace(DRILL, procedure=mutant), drills.append)
    assert verdict.of("checks") is Outcome.FAIL, said(verdict)


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE task_submissions SET payload = reverse(payload) WHERE writer = 0 AND id = 9",
        "UPDATE task_submissions SET payload = reverse(payload) WHERE writer > 0 AND seq = 7",
        "UPDATE users SET email = 'other-' || email",
    ],
    ids=["one seeded row", "one written row", "another database"],
)
def test_a_restore_of_the_right_size_with_other_rows_is_caught(tmp_path: Path, sql: str) -> None:
    """As many rows as there should be, and not the same."""

    def restore_then_alter(recovery: Recovery) -> None:
        VERIFY.restore(recovery)
        scene = drills[0].scene
        found = scene.aws().rds().describe_db_instances(DBInstanceIdentifier=verify_backups.LATEST)["DBInstances"][0]
        endpoint = found["Endpoint"]
        directory, login = scene.environment.directory, scene.environment.login()
        with connected(directory, endpoint["Address"], endpoint["Port"], login) as session:
            assert session.execute(sql.encode()).rowcount

    drills: list[Drill] = []
    mutant = Instead(VERIFY, RESTORE, restore_then_alter)
    verdict = verified(tmp_path, dataclasses.replace(DRILL, procedure=mutant), drills.append)
    assert verdict.of("checks") is Outcome.FAIL, said(verdict)


def test_replication_that_is_off_is_caught(tmp_path: Path) -> None:
    """New objects reach nobody; what was copied before looks as good as ever."""

    def take_and_upload(recovery: Recovery) -> None:
        VERIFY.take(recovery)
        bucket = recovery.estate.bucket(Role.UPLOADS)
        recovery.aws.s3(bucket.region).put_object(Bucket=bucket.name, Key="new", Body=b"new")

    off = Strike(CutReplication(), Role.DR_UPLOADS, lead=timedelta(0))
    mutant = Instead(VERIFY, "take a recovery point", take_and_upload)
    verdict = verified(tmp_path, dataclasses.replace(DRILL, procedure=mutant, weaknesses=(off,)))
    assert verdict.of("checks") is Outcome.FAIL, said(verdict)


@pytest.mark.parametrize(
    ("forgotten", "outcome"),
    [("remove what was restored", Outcome.FAIL), (RESTORE, Outcome.INCONCLUSIVE)],
)
def test_a_step_that_was_forgotten_is_caught(tmp_path: Path, forgotten: str, outcome: Outcome) -> None:
    """What was restored and left costs money; what was not restored proves nothing."""
    steps = (forgotten,) if forgotten != RESTORE else (forgotten, "remove what was restored")
    verdict = verified(tmp_path, dataclasses.replace(DRILL, procedure=Without(VERIFY, steps)))
    assert verdict.of("checks") is outcome, said(verdict)
