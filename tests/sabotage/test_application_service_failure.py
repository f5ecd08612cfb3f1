"""A recovery that stops at the runbook's steps, rolls back to something else, or looks away too early is caught."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from pathlib import Path

import pytest

from harness.drill import Drill
from harness.errors import FaultNotFelt
from harness.estate import Role
from harness.evidence import rejudge
from harness.faults.deploy_bad_release import DeployBadRelease
from harness.objectives import Outcome
from harness.recovery.procedure import Procedure, Recovery
from harness.recovery.roll_back_release import RollBackRelease
from harness.verdict import Verdict
from scenarios.application_service_failure import DRILL
from steps.prepare import said
from tests.sabotage.meddling import target
from tests.sabotage.mutants import Instead, With, Without
from tests.sabotage.rehearsal import labelmint, rehearse

SERVICE = labelmint().service(Role.APPLICATION)


def rehearsed(folder: Path, procedure: Procedure, *, budget: float = 10) -> Verdict:
    """`budget` is how many seconds the recovery may take: a recovery that never comes is waited for that long."""
    spec = dataclasses.replace(DRILL, procedure=procedure, rehearsal_rto=timedelta(seconds=budget))
    return rehearse(spec, folder)


def update(recovery: Recovery, **what: object) -> None:
    recovery.aws.ecs(SERVICE.region).update_service(
        cluster=SERVICE.cluster,
        service=SERVICE.service,
        **what,  # type: ignore[arg-type]
    )


def register_unused(drill: Drill) -> None:
    """A newer revision than the one that serves, which never ran: whoever takes the newest older one takes it."""
    service = target(drill, Role.APPLICATION)
    service.deploy_release("3")
    service.take_release_back()


def test_the_drill_as_it_is_passes_though_the_revision_before_never_served(tmp_path: Path) -> None:
    """The good revision is known by what it did, and not by its number."""
    verdict = rehearse(DRILL, tmp_path, before_strike=register_unused)
    assert verdict.outcome is Outcome.PASS, said(verdict)


def test_the_runbooks_own_steps_do_not_bring_service_back(tmp_path: Path) -> None:
    """A new deployment and six tasks of the revision that fails: each serves for a moment."""
    verdict = rehearsed(tmp_path, Without(DRILL.procedure, ("roll back the revision", "follow until stable")), budget=2)
    assert verdict.outcome is Outcome.FAIL, said(verdict)
    assert verdict.of("release") is Outcome.FAIL, said(verdict)
    assert Outcome.FAIL in (verdict.of("RTO"), verdict.of("stability")), said(verdict)


def test_rolling_back_to_another_bad_revision_is_caught(tmp_path: Path) -> None:
    def roll_back(recovery: Recovery) -> None:
        ecs = recovery.aws.ecs(SERVICE.region)
        found = ecs.describe_task_definition(taskDefinition=SERVICE.task_family)["taskDefinition"]
        [container] = found["containerDefinitions"]
        image = f"{container['image'].rpartition(':')[0]}:3"
        made = ecs.register_task_definition(
            family=SERVICE.task_family,
            containerDefinitions=[{**container, "image": image}],
        )
        update(recovery, taskDefinition=made["taskDefinition"]["taskDefinitionArn"])

    mutant = Without(Instead(DRILL.procedure, "roll back the revision", roll_back), ("follow until stable",))
    verdict = rehearsed(tmp_path, mutant, budget=2)
    assert verdict.outcome is Outcome.FAIL, said(verdict)
    assert verdict.of("release") is Outcome.FAIL, said(verdict)


def test_a_recovery_that_looks_away_after_its_last_change_is_caught(tmp_path: Path) -> None:
    verdict = rehearsed(tmp_path, Without(DRILL.procedure, ("follow until stable",)))
    assert verdict.of("followed") is Outcome.FAIL, said(verdict)


def test_scaling_to_too_few_is_caught(tmp_path: Path) -> None:
    """Everybody is served, as before: but not by as many as were to serve."""
    verdict = rehearsed(tmp_path, RollBackRelease(tasks=3))
    assert verdict.of("RTO") is Outcome.PASS, said(verdict)
    assert verdict.of("capacity") is Outcome.FAIL, said(verdict)


def test_scaling_another_service_is_collateral(tmp_path: Path) -> None:
    other = labelmint().service(Role.DR_APPLICATION)

    def scale(recovery: Recovery) -> None:
        ecs = recovery.aws.ecs(other.region)
        ecs.update_service(cluster=other.cluster, service=other.service, desiredCount=1)

    verdict = rehearsed(tmp_path, With(DRILL.procedure, "check the service", scale))
    assert verdict.of("collateral") is Outcome.FAIL, said(verdict)


def test_a_release_that_is_good_in_truth_proves_nothing(tmp_path: Path) -> None:
    with pytest.raises(FaultNotFelt):
        rehearse(dataclasses.replace(DRILL, fault=DeployBadRelease(tag="1")), tmp_path)
    verdict = rejudge(tmp_path / DRILL.name)
    assert verdict.outcome is Outcome.INCONCLUSIVE, said(verdict)
