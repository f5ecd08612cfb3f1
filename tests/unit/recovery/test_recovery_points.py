"""Which recovery point is restored, with which metadata, and what becomes of a job that fails."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from harness.aws import Aws
from harness.clock import FakeClock
from harness.errors import ProcedureFailed
from harness.estate import Estate, Role, load_estate
from harness.objectives import Objectives
from harness.recovery import recovery_points
from harness.recovery.procedure import Recovery

LABELMINT = load_estate(Path(__file__).parents[3] / "scenarios" / "labelmint.toml")
PRIMARY = LABELMINT.database(Role.PRIMARY_DATABASE)
VAULT = LABELMINT.vaults[0]


def point(day: int, status: str = "COMPLETED") -> dict[str, Any]:
    created = datetime(2026, 3, day, tzinfo=UTC)
    return {"RecoveryPointArn": f"point {day}", "CreationDate": created, "Status": status, "IamRoleArn": "a role"}


class FakeBackup:
    """AWS Backup with pages of recovery points, and a restore job that ends as it is told to."""

    def __init__(self, *pages: list[dict[str, Any]], ended: str = "COMPLETED") -> None:
        self.pages = pages
        self.ended = ended
        self.asked: dict[str, Any] = {}
        self.listed: dict[str, Any] = {}

    def get_paginator(self, _: str) -> SimpleNamespace:
        def paginate(**params: Any) -> list[dict[str, Any]]:
            self.listed = params
            return [{"RecoveryPoints": page} for page in self.pages]

        return SimpleNamespace(paginate=paginate)

    def get_recovery_point_restore_metadata(self, **_: Any) -> dict[str, Any]:
        return {
            "RestoreMetadata": {"AvailabilityZone": "us-east-1a", "DBInstanceClass": "as it was", "MultiAZ": "true"}
        }

    def start_restore_job(self, **params: Any) -> dict[str, str]:
        self.asked = params
        return {"RestoreJobId": "a job"}

    def describe_restore_job(self, **_: Any) -> dict[str, str]:
        return {"Status": self.ended, "StatusMessage": "the snapshot is gone"}


def recovery(backup: FakeBackup, place: Estate = LABELMINT) -> Recovery:
    aws = cast(Aws, SimpleNamespace(backup=lambda region: backup))
    objectives = Objectives(timedelta(hours=4), timedelta(hours=1))
    return Recovery(aws, place, FakeClock(), log=lambda _: None, pace=0.0, objectives=objectives)


def test_the_newest_completed_point_of_all_pages_comes_first() -> None:
    backup = FakeBackup([point(3), point(1)], [point(9, "CREATING"), point(7), point(8, "EXPIRED")])
    found = recovery_points.usable(recovery(backup), VAULT, PRIMARY)
    assert [one["RecoveryPointArn"] for one in found] == ["point 7", "point 3", "point 1"]
    assert backup.listed["ByResourceArn"].endswith(f":db:{PRIMARY.identifier}")


def test_without_a_completed_point_there_is_nothing_to_restore() -> None:
    with pytest.raises(ProcedureFailed, match="no completed recovery point"):
        recovery_points.usable(recovery(FakeBackup([point(9, "PARTIAL")])), VAULT, PRIMARY)


def test_a_restore_is_as_the_point_says_but_for_what_is_wanted() -> None:
    """The zone is AWS's to choose, and the role that made the point restores it."""
    backup = FakeBackup()
    wanted = recovery_points.placed("copy", "sg-1")
    recovery_points.begin_restore(recovery(backup), VAULT, cast(Any, point(7)), wanted)
    assert backup.asked["IamRoleArn"] == "a role"
    assert backup.asked["Metadata"] == {
        "DBInstanceClass": "as it was",
        "DBInstanceIdentifier": "copy",
        "VpcSecurityGroupIds": json.dumps(["sg-1"]),
        "MultiAZ": "false",
    }


@pytest.mark.parametrize("ended", ["FAILED", "ABORTED", "PARTIAL"])
def test_a_job_that_does_not_complete_fails_in_the_words_of_aws_backup(ended: str) -> None:
    with pytest.raises(ProcedureFailed, match=f"{ended}: the snapshot is gone"):
        recovery_points.wait_restored(recovery(FakeBackup(ended=ended)), VAULT.region, "a job")


def test_a_database_that_no_plan_protects_has_no_vault() -> None:
    with pytest.raises(ProcedureFailed, match="no backup plan protects"):
        recovery_points.vault_of(recovery(FakeBackup()), LABELMINT.database(Role.READ_REPLICA))
    assert recovery_points.vault_of(recovery(FakeBackup()), PRIMARY) == VAULT
