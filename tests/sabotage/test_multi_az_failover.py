"""Where RDS fails over by itself, a recovery that does more does harm, and one that sees nothing proves nothing."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from harness.drill import Drill
from harness.errors import FaultNotFelt
from harness.estate import Role
from harness.evidence import rejudge
from harness.faults.lose_instance import LoseInstance
from harness.objectives import Outcome
from harness.recovery import databases
from harness.recovery.promote_replica import PromoteReadReplica
from scenarios.database_multi_az_failover import DRILL
from steps.prepare import said
from tests.sabotage.faults import Claimed
from tests.sabotage.meddling import target
from tests.sabotage.mutants import With
from tests.sabotage.rehearsal import labelmint, rehearse


def test_the_drill_as_it_is_passes(tmp_path: Path) -> None:
    """No acknowledged write is lost, at the same endpoint, and nothing is changed."""
    verdict = rehearse(DRILL, tmp_path)
    assert verdict.outcome is Outcome.PASS, said(verdict)


def test_promoting_a_replica_where_the_standby_takes_over_is_caught(tmp_path: Path) -> None:
    """The runbook's option A done by reflex: two primaries, and every client on another one than was promised."""
    verdict = rehearse(dataclasses.replace(DRILL, procedure=PromoteReadReplica()), tmp_path)
    assert verdict.of("restraint") is Outcome.FAIL, said(verdict)


def test_promoting_a_replica_beside_the_failover_is_caught(tmp_path: Path) -> None:
    """Nobody is led to it, so every client is well: the call alone is the finding."""
    replica = labelmint().database(Role.READ_REPLICA)
    promote = partial(databases.promote, database=replica, lost=Role.PRIMARY_DATABASE)
    mutant = With(DRILL.procedure, "verify what is lost", promote)
    verdict = rehearse(dataclasses.replace(DRILL, procedure=mutant), tmp_path)
    assert verdict.of("restraint") is Outcome.FAIL, said(verdict)


def test_an_instance_without_a_standby_does_not_pass(tmp_path: Path) -> None:
    """Nothing takes over, whatever the runbook thinks of the instance."""
    estate = labelmint()
    alone = tuple(
        d.model_copy(update={"multi_az": False}) if d.role is Role.PRIMARY_DATABASE else d for d in estate.databases
    )
    spec = dataclasses.replace(DRILL, signals=(), rehearsal_rto=timedelta(seconds=2))
    verdict = rehearse(spec, tmp_path, estate=estate.model_copy(update={"databases": alone}))
    assert verdict.of("procedure") is Outcome.FAIL, said(verdict)
    assert verdict.of("RTO") is Outcome.FAIL, said(verdict)
    assert verdict.of("RPO") is not Outcome.PASS, said(verdict)


def test_a_loss_of_storage_is_not_waited_out(tmp_path: Path) -> None:
    """Host, standby and storage are gone: to wait for a failover would be to wait for ever."""
    spec = dataclasses.replace(DRILL, fault=LoseInstance(), signals=(), rehearsal_rto=timedelta(seconds=2))
    verdict = rehearse(spec, tmp_path)
    assert verdict.of("procedure") is Outcome.FAIL, said(verdict)


def test_a_standby_that_was_not_in_step_is_caught(tmp_path: Path) -> None:
    """Rows that the new primary does not hold were acknowledged, so they are lost."""
    drills: list[Drill] = []

    def forget(_: object) -> None:
        with target(drills[0], Role.PRIMARY_DATABASE).server.admin() as session:
            session.execute("DELETE FROM task_submissions WHERE writer > 0 AND seq = 7")

    mutant = With(DRILL.procedure, "wait for the failover", forget)
    verdict = rehearse(dataclasses.replace(DRILL, procedure=mutant), tmp_path, before_recovery=drills.append)
    assert verdict.of("ledger") is Outcome.FAIL, said(verdict)


@pytest.mark.parametrize("claims", [False, True])
def test_a_host_that_did_not_die_proves_nothing(tmp_path: Path, claims: bool) -> None:
    with pytest.raises(FaultNotFelt):
        rehearse(dataclasses.replace(DRILL, fault=Claimed(claims)), tmp_path)
    verdict = rejudge(tmp_path / DRILL.name)
    assert verdict.outcome is Outcome.INCONCLUSIVE, said(verdict)
