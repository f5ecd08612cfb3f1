"""The database that takes a lost one's place gets what that one had, whichever that was."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from harness.aws import Aws
from harness.clock import FakeClock
from harness.errors import ProcedureFailed
from harness.estate import Estate, Role, load_estate
from harness.objectives import Objectives
from harness.recovery import databases
from harness.recovery.procedure import Procedure, Recovery
from harness.recovery.promote_replica import PromoteReadReplica
from harness.recovery.restore_from_backup import RestoreFromBackup
from harness.recovery.restore_latest_snapshot import RestoreLatestSnapshot
from harness.recovery.restore_to_point_in_time import RestoreToPointInTime
from harness.recovery.takeover import take_over

LABELMINT = load_estate(Path(__file__).parents[3] / "scenarios" / "labelmint.toml")


def estate(**of_replica: Any) -> Estate:
    """LabelMint with another read replica."""
    changed = tuple(
        one.model_copy(update=of_replica) if one.role is Role.READ_REPLICA else one for one in LABELMINT.databases
    )
    return LABELMINT.model_copy(update={"databases": changed})


def recovery(place: Estate, asked: list[dict[str, Any]], **instance: Any) -> Recovery:
    """A recovery whose RDS keeps what it is asked to change and shows one instance, available at once."""
    shown = {"DBInstanceStatus": "available", "Endpoint": {"Address": "db", "Port": 5432}, **instance}
    rds = SimpleNamespace(
        describe_db_instances=lambda **_: {"DBInstances": [shown]},
        promote_read_replica=lambda **params: asked.append(params),
        modify_db_instance=lambda **params: asked.append(params),
    )
    aws = cast(Aws, SimpleNamespace(rds=lambda region: rds))
    objectives = Objectives(timedelta(hours=4), timedelta(hours=1))
    made = Recovery(aws, place, FakeClock(), log=lambda _: None, pace=0.0, objectives=objectives)
    made.serving = place.database(Role.DR_DATABASE)
    return made


@pytest.mark.parametrize(("lost", "days"), [(Role.PRIMARY_DATABASE, 35), (Role.READ_REPLICA, 3)])
def test_a_promoted_replica_keeps_backups_as_the_lost_one_did(lost: Role, days: int) -> None:
    place, asked = estate(backup_retention_days=3), list[dict[str, Any]]()
    databases.promote(recovery(place, asked), place.database(Role.DR_DATABASE), lost)
    assert [one["BackupRetentionPeriod"] for one in asked] == [days]


@pytest.mark.parametrize(
    ("lost", "wanted"), [(Role.PRIMARY_DATABASE, (35, True, True)), (Role.READ_REPLICA, (3, False, False))]
)
def test_who_takes_over_is_protected_as_the_lost_one_was(lost: Role, wanted: tuple[int, bool, bool]) -> None:
    asked = list[dict[str, Any]]()
    take_over("", application=Role.APPLICATION, lost=lost)[0].perform(recovery(estate(backup_retention_days=3), asked))
    named = ("BackupRetentionPeriod", "MultiAZ", "DeletionProtection")
    assert [tuple(one[name] for name in named) for one in asked] == [wanted]


def test_a_standby_is_missed_only_where_the_lost_one_had_one() -> None:
    take_over("", application=Role.APPLICATION, lost=Role.READ_REPLICA)[-1].perform(
        recovery(estate(), [], MultiAZ=False)
    )
    with pytest.raises(ProcedureFailed, match="no standby"):
        take_over("", application=Role.APPLICATION, lost=Role.PRIMARY_DATABASE)[-1].perform(
            recovery(estate(), [], MultiAZ=False)
        )


@pytest.mark.parametrize(
    "procedure",
    [
        RestoreFromBackup(lost=Role.READ_REPLICA),
        RestoreLatestSnapshot(damaged=Role.READ_REPLICA),
        RestoreToPointInTime(damaged=Role.READ_REPLICA),
        PromoteReadReplica(lost=Role.READ_REPLICA),
    ],
    ids=lambda procedure: type(procedure).__name__,
)
def test_a_procedure_protects_who_takes_over_as_the_one_it_was_told_of(procedure: Procedure) -> None:
    """Were the lost one's place forgotten on the way, the primary's strength would be asked of all."""
    asked = list[dict[str, Any]]()
    protect = next(step for step in procedure.steps() if step.name == "set backups and standby")
    protect.perform(recovery(estate(backup_retention_days=3), asked))
    assert [one["BackupRetentionPeriod"] for one in asked] == [3]
