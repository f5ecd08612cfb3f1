"""Each way in which a point-in-time restore can go wrong while looking right: the drill must not pass."""

from __future__ import annotations

import dataclasses
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from harness.capabilities import Spoiling
from harness.drill import Drill
from harness.errors import FaultNotFelt, ProcedureFailed
from harness.estate import Role
from harness.evidence import rejudge
from harness.faults.lose_archived_log import LoseArchivedLog
from harness.faults.spoil_backups import SpoilBackups
from harness.machines.archive import Replay
from harness.objectives import Outcome
from harness.recovery import databases, restoring
from harness.recovery.procedure import Recovery
from harness.recovery.promote_replica import PromoteReadReplica
from harness.spec import Strike
from harness.wait import until
from scenarios.database_corruption_pitr import DRILL
from steps.prepare import said
from tests.sabotage.faults import Claimed
from tests.sabotage.meddling import session
from tests.sabotage.mutants import Instead, With, Without
from tests.sabotage.rehearsal import rehearse

RESTORE = DRILL.procedure
DEED = "restore to the safe moment"
SOON = timedelta(seconds=5)


def test_the_drill_as_it_is_passes(tmp_path: Path) -> None:
    """What was written since the safe moment is gone, and nothing else."""
    verdict = rehearse(DRILL, tmp_path)
    assert verdict.outcome is Outcome.PASS, said(verdict)
    assert verdict.rpo is not None
    assert verdict.rpo.lost > 10


def test_a_hole_in_the_archived_log_is_caught(tmp_path: Path) -> None:
    """LatestRestorableTime says nothing of it: the restore ends in a state that no waiting mends."""
    hole = Strike(LoseArchivedLog(), Role.PRIMARY_DATABASE)
    verdict = rehearse(dataclasses.replace(DRILL, weaknesses=(hole,), rehearsal_rto=timedelta(seconds=1)), tmp_path)
    assert verdict.of("procedure") is Outcome.FAIL, said(verdict)
    assert verdict.of("RTO") is Outcome.FAIL, said(verdict)


@pytest.mark.parametrize("how", [Spoiling.TRUNCATED, Spoiling.EMPTY])
def test_a_backup_that_is_none_is_caught(tmp_path: Path, how: Spoiling) -> None:
    spoiled = Strike(SpoilBackups(how), Role.PRIMARY_DATABASE)
    verdict = rehearse(dataclasses.replace(DRILL, weaknesses=(spoiled,), rehearsal_rto=timedelta(seconds=1)), tmp_path)
    assert verdict.of("procedure") is Outcome.FAIL, said(verdict)


@pytest.mark.parametrize("shift", [timedelta(seconds=-1), timedelta(seconds=0.1)])
def test_a_restore_that_silently_lands_at_another_time_is_caught(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shift: timedelta
) -> None:
    """A second earlier some of what had to be kept is gone, a moment later some is there that nobody asked for."""

    def shifted(archive: Path, moment: object = None, commit: object = None) -> Replay:
        return Replay(archive, moment=moment + shift if moment else None, commit=commit)  # type: ignore[operator, arg-type]

    monkeypatch.setattr("harness.cloud.services.rds.restore.Replay", shifted)
    verdict = rehearse(dataclasses.replace(DRILL, procedure=_with_a_longer_log()), tmp_path)
    assert verdict.of("ledger") is Outcome.FAIL, said(verdict)


def test_a_procedure_that_gives_up_before_anything_is_restored_fails(tmp_path: Path) -> None:
    """There is no instance then to read anything back from; the drill says so, and ends as every other."""

    def give_up(recovery: Recovery) -> None:
        raise ProcedureFailed("nobody dared")

    mutant = With(RESTORE, "quarantine the damaged database", give_up)
    verdict = rehearse(dataclasses.replace(DRILL, procedure=mutant, rehearsal_rto=timedelta(seconds=1)), tmp_path)
    assert verdict.outcome is Outcome.FAIL, said(verdict)
    assert verdict.of("procedure") is Outcome.FAIL, said(verdict)
    assert verdict.of("protection") is Outcome.INCONCLUSIVE, said(verdict)


def test_a_restore_to_a_moment_after_the_corruption_is_caught(tmp_path: Path) -> None:
    """The latest restorable time is the operator's reflex, and holds what the bad deployment did."""

    def latest(recovery: Recovery) -> None:
        primary = recovery.estate.database(Role.PRIMARY_DATABASE)
        recovery.safe_moment = databases.look(recovery, primary)["LatestRestorableTime"]

    late = With(_with_a_longer_log(), "an added deed", latest)
    verdict = rehearse(dataclasses.replace(DRILL, procedure=late), tmp_path)
    assert verdict.of("integrity") is Outcome.FAIL, said(verdict)
    assert verdict.of("validation") is Outcome.FAIL, said(verdict)


def _with_a_longer_log() -> With:
    """The same procedure, by somebody slow: the damaged database goes on taking writes, and the log has them."""

    def dawdle(recovery: Recovery) -> None:
        until("writes after the damage", lambda: recovery.clock.wall() > _later(recovery, 0.5), within=SOON)

    def wait(recovery: Recovery) -> None:
        primary = recovery.estate.database(Role.PRIMARY_DATABASE)
        restoring.wait_restorable(recovery, primary, _later(recovery, 0.2))

    return With(With(RESTORE, "assess the damage", dawdle), "wait for the log of the safe moment", wait)


def _later(recovery: Recovery, seconds: float) -> datetime:
    assert recovery.safe_moment
    return recovery.safe_moment + timedelta(seconds=seconds)


def test_promoting_a_replica_of_corrupt_data_is_caught(tmp_path: Path) -> None:
    """It has the wrong rows as well, whatever its checksums say."""
    spec = dataclasses.replace(
        DRILL, procedure=PromoteReadReplica(), recovers_to=(Role.READ_REPLICA,),
        exposures=(dataclasses.replace(DRILL.exposures[0], role=Role.READ_REPLICA),),  # type: ignore[type-var]
    )  # fmt: skip
    verdict = rehearse(spec, tmp_path)
    assert verdict.of("integrity") is Outcome.FAIL, said(verdict)


def test_a_damaged_database_that_stays_open_is_caught(tmp_path: Path) -> None:
    """It acknowledges what no restore brings back."""
    mutant = Without(RESTORE, ("quarantine the damaged database",))
    verdict = rehearse(dataclasses.replace(DRILL, procedure=mutant), tmp_path)
    assert verdict.of("ledger") is Outcome.FAIL, said(verdict)
    assert verdict.of("fencing") is Outcome.FAIL, said(verdict)


@pytest.mark.parametrize(
    ("without", "finding"),
    [("VpcSecurityGroupIds", "RTO"), ("DBParameterGroupName", "protection")],
)
def test_a_restore_into_default_groups_is_caught(tmp_path: Path, without: str, finding: str) -> None:
    """RDS takes its defaults: the default security group lets nobody in, the parameters are others."""

    def defaults(recovery: Recovery) -> None:
        target = recovery.estate.database(Role.RESTORED_DATABASE)
        terms = {
            "VpcSecurityGroupIds": [target.security_group],
            "DBParameterGroupName": target.parameter_group,
            "DBSubnetGroupName": target.subnet_group,
        }
        terms.pop(without)
        rds: Any = recovery.aws.rds(target.region)
        rds.restore_db_instance_to_point_in_time(
            SourceDBInstanceIdentifier=recovery.estate.database(Role.PRIMARY_DATABASE).identifier,
            TargetDBInstanceIdentifier=target.identifier,
            RestoreTime=recovery.safe_moment,
            **terms,
        )
        databases.wait_available(recovery, target, timedelta(seconds=30))
        recovery.serving = target

    spec = dataclasses.replace(DRILL, procedure=Instead(RESTORE, DEED, defaults), rehearsal_rto=timedelta(seconds=12))
    verdict = rehearse(spec, tmp_path)
    assert verdict.of(finding) is Outcome.FAIL, said(verdict)


def test_a_restored_database_that_no_alarm_watches_is_caught(tmp_path: Path) -> None:
    mutant = Without(RESTORE, ("set the alarms",))
    verdict = rehearse(dataclasses.replace(DRILL, procedure=mutant), tmp_path)
    assert verdict.of("protection") is Outcome.FAIL, said(verdict)


def test_a_restore_of_the_right_size_with_altered_rows_is_caught(tmp_path: Path) -> None:
    drills: list[Drill] = []

    def alter(_: Recovery) -> None:
        with session(drills[0], Role.RESTORED_DATABASE) as opened:
            opened.execute("UPDATE task_submissions SET payload = 'altered' WHERE writer = 0 AND id = 7")
            opened.execute("UPDATE task_submissions SET payload = 'altered' WHERE writer > 0 AND seq = 7")
            opened.execute("DELETE FROM task_submissions WHERE writer > 0 AND seq = 8")

    mutant = With(RESTORE, DEED, alter)
    verdict = rehearse(dataclasses.replace(DRILL, procedure=mutant), tmp_path, before_recovery=drills.append)
    assert verdict.of("integrity") is Outcome.FAIL, said(verdict)
    ledger = verdict.finding("ledger")
    assert ledger, said(verdict)
    assert "altered" in ledger.detail, said(verdict)
    assert "acknowledged before the moment that was restored and lost" in ledger.detail, said(verdict)


@pytest.mark.parametrize("claims", [False, True])
def test_a_corruption_that_did_not_happen_proves_nothing(tmp_path: Path, claims: bool) -> None:
    with pytest.raises(FaultNotFelt):
        rehearse(dataclasses.replace(DRILL, fault=Claimed(claims)), tmp_path)
    verdict = rejudge(tmp_path / DRILL.name)
    assert verdict.outcome is Outcome.INCONCLUSIVE, said(verdict)
