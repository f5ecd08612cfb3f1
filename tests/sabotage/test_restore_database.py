"""Restores that look as if they went well, and whose result nobody should go on with: the drill must not pass."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest

from harness.capabilities import Spoiling
from harness.drill import Drill
from harness.estate import Role
from harness.objectives import Outcome
from harness.probes.likeness import as_original
from harness.probes.live import UNTOUCHED
from harness.probes.restored_database import ALARMS, CONTENT, POINT, RECENT
from harness.recovery import restore_database
from harness.recovery.procedure import Procedure, Recovery
from harness.recovery.restore_database import MONITOR, TAKE, WATCH, RestoreDatabase
from harness.verdict import Verdict
from scenarios.restore_database import DRILL
from steps.prepare import said
from tests.sabotage.meddling import session, spoil_backups
from tests.sabotage.mutants import Instead, With, Without
from tests.sabotage.rehearsal import labelmint, rehearse

PROCEDURE = DRILL.procedure


def restored(tmp_path: Path, procedure: Procedure, drills: list[Drill] | None = None, **others: Any) -> Verdict:
    known = None if drills is None else drills.append
    return rehearse(dataclasses.replace(DRILL, procedure=procedure), tmp_path, before_recovery=known, **others)


@pytest.mark.parametrize(
    ("how", "finding"),
    [(Spoiling.TRUNCATED, "procedure"), (Spoiling.EMPTY, "procedure"), (Spoiling.STALE, "checks")],
)
def test_a_recovery_point_that_does_not_hold_what_it_should_is_caught(
    tmp_path: Path, how: Spoiling, finding: str
) -> None:
    """Cut short or empty it cannot be restored; what holds the data of long ago restores well, and lacks the newest."""

    def spoil(_: Recovery) -> None:
        spoil_backups(drills[0], Role.PRIMARY_DATABASE, how)

    drills: list[Drill] = []
    verdict = restored(tmp_path, With(PROCEDURE, TAKE, spoil), drills)
    assert verdict.of(finding) is Outcome.FAIL, said(verdict)
    assert how is not Spoiling.STALE or RECENT in said(verdict)


def test_the_recovery_point_of_another_database_is_caught(tmp_path: Path) -> None:
    """The replica holds what the primary does, and its recovery point is in the same vault."""
    estate = labelmint()
    both = (Role.PRIMARY_DATABASE, Role.READ_REPLICA)
    plans = tuple(plan.model_copy(update={"protects": both}) for plan in estate.backup_plans)
    estate = estate.model_copy(update={"backup_plans": plans})
    verdict = restored(tmp_path, RestoreDatabase(original=Role.READ_REPLICA), estate=estate)
    assert verdict.of("checks") is Outcome.FAIL, said(verdict)
    assert POINT in said(verdict)


def test_an_instance_of_defaults_and_of_a_smaller_class_is_caught(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Default groups let nobody in and have other settings: each of the differences is told."""

    def forgetful(_: object, identifier: str) -> dict[str, str]:
        return {
            "DBInstanceIdentifier": identifier,
            "VpcSecurityGroupIds": json.dumps([]),
            "DBParameterGroupName": "default.postgres18",
            "DBInstanceClass": "db.t4g.medium",
            "MultiAZ": "false",
        }

    monkeypatch.setattr(restore_database, "like", forgetful)
    verdict = restored(tmp_path, PROCEDURE)
    assert verdict.of("checks") is Outcome.FAIL, said(verdict)
    for trait in ("VpcSecurityGroups", "DBParameterGroups", "DBInstanceClass"):
        assert as_original(trait) in said(verdict)
    assert CONTENT in said(verdict)


def test_alarms_that_were_led_astray_are_caught(tmp_path: Path) -> None:
    """Neither the original nor the copy is watched any more: they do not differ, and both are blind."""

    def lead_astray(recovery: Recovery) -> None:
        estate = recovery.estate
        for alarm in estate.alarms:
            if alarm.database is Role.PRIMARY_DATABASE:
                recovery.aws.cloudwatch(estate.regions.primary).put_metric_alarm(
                    AlarmName=alarm.name, Namespace="AWS/RDS", MetricName=alarm.metric, Statistic=alarm.statistic,
                    Dimensions=[{"Name": "DBInstanceIdentifier", "Value": "nobody"}], Period=alarm.period,
                    ComparisonOperator=alarm.comparison, Threshold=alarm.threshold,
                    EvaluationPeriods=alarm.evaluation_periods,
                )  # fmt: skip

    verdict = restored(tmp_path, Instead(PROCEDURE, WATCH, lead_astray))
    assert verdict.of("checks") is Outcome.FAIL, said(verdict)
    assert as_original(ALARMS) in said(verdict)
    assert UNTOUCHED in said(verdict)
    assert verdict.of("collateral") is Outcome.FAIL, said(verdict)


def test_a_restored_row_that_was_altered_is_caught(tmp_path: Path) -> None:
    """As many rows as there should be, and one of them is not the same."""

    def alter(_: Recovery) -> None:
        with session(drills[0], Role.RESTORED_DATABASE) as opened:
            sql = "UPDATE task_submissions SET payload = reverse(payload) WHERE writer > 0 AND seq = 7"
            assert opened.execute(sql).rowcount

    drills: list[Drill] = []
    verdict = restored(tmp_path, With(PROCEDURE, MONITOR, alter), drills)
    assert verdict.of("checks") is Outcome.FAIL, said(verdict)
    assert CONTENT in said(verdict)
    assert RECENT in said(verdict)


def test_a_restore_job_that_nobody_waits_for_is_caught(tmp_path: Path) -> None:
    verdict = restored(tmp_path, Without(PROCEDURE, (MONITOR,)))
    assert verdict.of("procedure") is Outcome.FAIL, said(verdict)
    assert verdict.effective is Outcome.FAIL
