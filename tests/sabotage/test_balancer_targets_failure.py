"""A recovery that takes the wrong target away, or leaves one behind, is caught, however well everybody is served."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from pathlib import Path

from harness.estate import Role
from harness.objectives import Outcome
from harness.recovery.procedure import Procedure, Recovery
from harness.recovery.restore_targets import RestoreTargets
from harness.verdict import Verdict
from scenarios.balancer_targets_failure import DRILL
from steps.prepare import said
from tests.sabotage.mutants import Instead, With, Without
from tests.sabotage.rehearsal import labelmint, rehearse

RESTORE = RestoreTargets()
DEREGISTER, FOLLOW = "deregister what does not serve", "follow the targets"


def rehearsed(folder: Path, procedure: Procedure) -> Verdict:
    return rehearse(dataclasses.replace(DRILL, procedure=procedure, rehearsal_rto=timedelta(seconds=4)), folder)


def group_of(recovery: Recovery, role: Role) -> str:
    balancer = labelmint().balancer(role)
    groups = recovery.aws.elbv2(balancer.region).describe_target_groups(Names=[balancer.target_group])
    return groups["TargetGroups"][0]["TargetGroupArn"]


def test_the_drill_as_it_is_passes(tmp_path: Path) -> None:
    verdict = rehearse(DRILL, tmp_path)
    assert verdict.outcome is Outcome.PASS, said(verdict)


def test_the_runbooks_way_to_deregister_takes_the_right_targets_away(tmp_path: Path) -> None:
    """By the id alone it is the group's own port that is meant: the tasks go, and their wrong ports stay."""

    def by_id_alone(recovery: Recovery) -> None:
        elbv2, group = recovery.aws.elbv2(), group_of(recovery, Role.BALANCER)
        found = elbv2.describe_target_health(TargetGroupArn=group)["TargetHealthDescriptions"]
        wrong = {one["Target"]["Id"] for one in found if one["TargetHealth"]["State"] == "unhealthy"}
        elbv2.deregister_targets(TargetGroupArn=group, Targets=[{"Id": address} for address in sorted(wrong)])

    verdict = rehearsed(tmp_path, Without(Instead(RESTORE, DEREGISTER, by_id_alone), (FOLLOW,)))
    assert verdict.of("targets") is Outcome.FAIL, said(verdict)
    assert verdict.of("capacity") is Outcome.FAIL, said(verdict)


def test_wrong_targets_that_stay_are_caught(tmp_path: Path) -> None:
    """Everybody is served, for the balancer sends to nobody who fails: until all fail, and then to these as well."""
    verdict = rehearsed(tmp_path, Without(RESTORE, (DEREGISTER, FOLLOW)))
    assert verdict.of("stability") is Outcome.PASS, said(verdict)
    assert verdict.of("targets") is Outcome.FAIL, said(verdict)


def test_a_recovery_that_looks_away_after_its_last_change_is_caught(tmp_path: Path) -> None:
    verdict = rehearsed(tmp_path, Without(RESTORE, (FOLLOW,)))
    assert verdict.of("followed") is Outcome.FAIL, said(verdict)


def test_changing_the_targets_of_another_balancer_is_collateral(tmp_path: Path) -> None:
    def empty(recovery: Recovery) -> None:
        elbv2 = recovery.aws.elbv2(labelmint().balancer(Role.DR_BALANCER).region)
        elbv2.deregister_targets(TargetGroupArn=group_of(recovery, Role.DR_BALANCER), Targets=[{"Id": "127.0.0.1"}])

    verdict = rehearsed(tmp_path, With(RESTORE, "check the balancer", empty))
    assert verdict.of("collateral") is Outcome.FAIL, said(verdict)
