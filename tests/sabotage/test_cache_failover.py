"""Each way in which a cache's failover can go wrong while looking right, on real servers: the drill must not pass."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from pathlib import Path

import pytest

from harness.estate import Role
from harness.faults.cut_replication import CutReplication
from harness.objectives import Outcome
from harness.recovery import switching
from harness.recovery.fail_over_cache import FailOverCache
from harness.recovery.procedure import Recovery
from harness.spec import Strike
from scenarios.cache_failover_dr import DRILL
from steps.prepare import said
from tests.sabotage.mutants import Instead, With, Without
from tests.sabotage.rehearsal import labelmint, rehearse

FAIL_OVER = FailOverCache()
HURRIED = dataclasses.replace(DRILL, rehearsal_rto=timedelta(seconds=5))
"""For those who never get service back: the drill gives up sooner."""
assert DRILL.procedure == FAIL_OVER


def test_the_drill_as_it_is_passes(tmp_path: Path) -> None:
    """Without this, every red below could be red for another reason."""
    verdict = rehearse(DRILL, tmp_path)
    assert verdict.outcome is Outcome.PASS, said(verdict)


def test_a_standby_that_still_only_reads_is_caught(tmp_path: Path) -> None:
    """As the runbook has it: the application reads from it, health checks are green, and nothing can be written."""
    mutant = Without(FAIL_OVER, ("make the standby writable",))
    verdict = rehearse(dataclasses.replace(HURRIED, procedure=mutant), tmp_path)
    assert verdict.of("RTO") is Outcome.FAIL, said(verdict)
    assert verdict.of("validation") is Outcome.FAIL, said(verdict)
    assert verdict.of("successor") is Outcome.FAIL, said(verdict)


def test_an_application_that_was_never_repointed_is_caught(tmp_path: Path) -> None:
    mutant = Without(FAIL_OVER, ("repoint the application",))
    verdict = rehearse(dataclasses.replace(HURRIED, procedure=mutant), tmp_path)
    assert verdict.of("RTO") is Outcome.FAIL, said(verdict)


def test_settings_without_a_deployment_are_caught(tmp_path: Path) -> None:
    mutant = Without(FAIL_OVER, ("deploy the application",))
    verdict = rehearse(dataclasses.replace(HURRIED, procedure=mutant), tmp_path)
    assert verdict.of("RTO") is Outcome.FAIL, said(verdict)


def test_a_standby_behind_a_closed_door_is_caught(tmp_path: Path) -> None:
    """Its security group lets nobody in on the cache's port, which shows only when it is needed."""
    estate = labelmint()
    closed = estate.cache(Role.DR_CACHE).security_group
    groups = tuple(
        group.model_copy(update={"ingress_ports": (5432,)}) if group.id == closed else group
        for group in estate.security_groups
    )
    verdict = rehearse(HURRIED, tmp_path, estate=estate.model_copy(update={"security_groups": groups}))
    assert verdict.of("RTO") is Outcome.FAIL, said(verdict)
    assert verdict.of("validation") is Outcome.FAIL, said(verdict)


def test_a_standby_that_stopped_receiving_is_caught(tmp_path: Path) -> None:
    blind = Strike(CutReplication(), Role.DR_CACHE, lead=timedelta(seconds=2))
    verdict = rehearse(dataclasses.replace(DRILL, weaknesses=(blind,)), tmp_path)
    assert verdict.of("RPO") is Outcome.FAIL, said(verdict)


@pytest.mark.parametrize("step", ["set snapshots", "set the alarms"])
def test_a_standby_that_nobody_backs_up_or_watches_is_caught(tmp_path: Path, step: str) -> None:
    verdict = rehearse(dataclasses.replace(DRILL, procedure=Without(FAIL_OVER, (step,))), tmp_path)
    assert verdict.of("protection") is Outcome.FAIL, said(verdict)


def test_an_outage_of_the_service_during_the_recovery_is_caught(tmp_path: Path) -> None:
    """The cache comes back as promised, and meanwhile nobody was served."""

    def stop_all(recovery: Recovery) -> None:
        service = recovery.estate.service(Role.APPLICATION)
        ecs = recovery.aws.ecs(service.region)
        for task in ecs.list_tasks(cluster=service.cluster, serviceName=service.service)["taskArns"]:
            ecs.stop_task(cluster=service.cluster, task=task)

    verdict = rehearse(dataclasses.replace(DRILL, procedure=With(FAIL_OVER, "set snapshots", stop_all)), tmp_path)
    assert verdict.of("serving") is Outcome.FAIL, said(verdict)


def test_a_procedure_that_does_not_wait_is_caught(tmp_path: Path) -> None:
    """The application is deployed while ElastiCache still says modifying."""

    def hasty(recovery: Recovery) -> None:
        standby = recovery.estate.cache(Role.DR_CACHE)
        elasticache = recovery.aws.elasticache(standby.region)
        [group] = elasticache.describe_replication_groups(ReplicationGroupId=standby.identifier)["ReplicationGroups"]
        elasticache.failover_global_replication_group(
            GlobalReplicationGroupId=group["GlobalReplicationGroupInfo"]["GlobalReplicationGroupId"],
            PrimaryRegion=standby.region,
            PrimaryReplicationGroupId=standby.identifier,
        )
        switching.deploy(recovery, recovery.estate.service(Role.APPLICATION))

    mutant = Instead(FAIL_OVER, "make the standby writable", hasty)
    verdict = rehearse(dataclasses.replace(DRILL, procedure=mutant), tmp_path)
    assert verdict.of("waits") is Outcome.FAIL, said(verdict)
