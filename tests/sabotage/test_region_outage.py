"""Each way in which a region's failover can go wrong while looking right, on real servers: the drill must not pass."""

from __future__ import annotations

import dataclasses
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import ClassVar

import pytest
from botocore.exceptions import BotoCoreError

from harness.capabilities import Darkening, Darkness
from harness.cloud.region import RegionSwitch
from harness.errors import FaultNotFelt
from harness.estate import Role
from harness.evidence import rejudge
from harness.faults.lose_region import LoseRegion
from harness.objectives import Outcome
from harness.recovery import databases, services, switching
from harness.recovery.fail_over_region import FailOverRegion
from harness.recovery.procedure import Recovery
from scenarios.region_black_hole import DRILL as BLACK_HOLE
from scenarios.region_outage import DRILL
from scenarios.region_outage_static import DRILL as STATIC
from steps.prepare import said
from tests.sabotage.mutants import Instead, With, Without
from tests.sabotage.rehearsal import labelmint, rehearse

FAIL_OVER = FailOverRegion()
HURRIED = dataclasses.replace(DRILL, rehearsal_rto=timedelta(seconds=6))
"""For those who never get service back: the drill gives up sooner."""
assert DRILL.procedure == BLACK_HOLE.procedure == FAIL_OVER


class LosesAllButOne:
    """Everything of the region is gone, and then its database runs again: part of a region is another disaster."""

    needs: ClassVar[type] = Darkening

    def inject(self, target: Darkening) -> None:
        assert isinstance(target, RegionSwitch)
        target.go_dark(Darkness.GONE)
        target._gone[0].come_back()

    def has_bitten(self, target: Darkening) -> bool:
        return target.is_dark()

    def heal(self, target: Darkening) -> None:
        LoseRegion().heal(target)


def test_the_drill_as_it_is_passes(tmp_path: Path) -> None:
    """Without this, every red below could be red for another reason."""
    verdict = rehearse(DRILL, tmp_path)
    assert verdict.outcome is Outcome.PASS, said(verdict)


def test_the_drill_of_a_black_hole_passes_too(tmp_path: Path) -> None:
    verdict = rehearse(BLACK_HOLE, tmp_path)
    assert verdict.outcome is Outcome.PASS, said(verdict)


def test_the_drill_in_which_no_record_can_be_changed_passes_too(tmp_path: Path) -> None:
    verdict = rehearse(STATIC, tmp_path)
    assert verdict.outcome is Outcome.PASS, said(verdict)


def test_a_recovery_that_needs_to_change_records_when_nobody_can_is_caught(tmp_path: Path) -> None:
    """As the runbook has it: service may come back by itself, and the procedure cannot be performed."""
    verdict = rehearse(dataclasses.replace(STATIC, procedure=FAIL_OVER), tmp_path)
    assert verdict.of("independence") is Outcome.FAIL, said(verdict)
    assert verdict.of("procedure") is Outcome.FAIL, said(verdict)


def test_a_region_of_which_something_still_runs_proves_nothing(tmp_path: Path) -> None:
    with pytest.raises(FaultNotFelt):
        rehearse(dataclasses.replace(DRILL, fault=LosesAllButOne()), tmp_path)
    verdict = rejudge(tmp_path / DRILL.name)
    assert verdict.of("fault") is Outcome.INCONCLUSIVE, said(verdict)
    assert verdict.outcome is Outcome.INCONCLUSIVE, said(verdict)


def test_a_recovery_that_asks_the_lost_region_is_caught(tmp_path: Path) -> None:
    """It goes on when nobody answers, and everything comes back: on the day it might have waited for ever."""

    def ask(recovery: Recovery) -> None:
        with suppress(BotoCoreError):
            databases.look(recovery, recovery.estate.database(Role.PRIMARY_DATABASE))

    mutant = With(FAIL_OVER, "verify the DR region", ask)
    verdict = rehearse(dataclasses.replace(DRILL, procedure=mutant), tmp_path)
    assert verdict.of("RTO") is Outcome.PASS, said(verdict)
    assert verdict.of("independence") is Outcome.FAIL, said(verdict)


def test_too_few_tasks_are_caught(tmp_path: Path) -> None:
    def narrow(recovery: Recovery) -> None:
        services.scale(recovery, recovery.estate.service(Role.DR_APPLICATION), 1)

    mutant = Instead(FAIL_OVER, "scale the application", narrow)
    verdict = rehearse(dataclasses.replace(DRILL, procedure=mutant), tmp_path)
    assert verdict.of("capacity") is Outcome.FAIL, said(verdict)


def test_names_that_lead_back_when_the_region_returns_are_caught(tmp_path: Path) -> None:
    """The health check has led everybody to the second choice, and leads them back to the data of before."""

    def half(recovery: Recovery) -> None:
        host, _ = databases.endpoint(recovery, recovery.estate.database(Role.DR_DATABASE))
        switching.point_name_at(recovery, host)

    mutant = Instead(FAIL_OVER, "switch the names", half)
    verdict = rehearse(dataclasses.replace(DRILL, procedure=mutant), tmp_path)
    assert verdict.of("return") is Outcome.FAIL, said(verdict)
    assert verdict.of("ledger") is Outcome.FAIL, said(verdict)


def test_a_service_scaled_before_it_has_data_is_caught(tmp_path: Path) -> None:
    """As the runbook has it. Here nobody waits for it: tasks without a database to write to are never healthy."""

    def early(recovery: Recovery) -> None:
        service = recovery.estate.service(Role.DR_APPLICATION)
        ecs = recovery.aws.ecs(service.region)
        ecs.update_service(cluster=service.cluster, service=service.service, desiredCount=service.desired_count + 2)

    mutant = With(FAIL_OVER, "verify the DR region", early)
    verdict = rehearse(dataclasses.replace(DRILL, procedure=mutant), tmp_path)
    assert verdict.of("order") is Outcome.FAIL, said(verdict)


def test_an_application_that_points_at_the_lost_region_is_caught(tmp_path: Path) -> None:
    def as_before(recovery: Recovery) -> None:
        lost = recovery.estate.database(Role.PRIMARY_DATABASE)
        here = recovery.estate.database(Role.DR_DATABASE)
        host, port = databases.endpoint(recovery, here)
        there = host.replace(here.identifier, lost.identifier).replace(here.region, lost.region)
        switching.repoint_settings(recovery, recovery.estate.service(Role.DR_APPLICATION), there, port)

    mutant = Instead(FAIL_OVER, "repoint the application", as_before)
    verdict = rehearse(dataclasses.replace(HURRIED, procedure=mutant), tmp_path)
    assert verdict.of("RTO") is Outcome.FAIL, said(verdict)


def test_a_cache_that_still_only_reads_is_caught(tmp_path: Path) -> None:
    mutant = Without(FAIL_OVER, ("make the DR cache writable",))
    verdict = rehearse(dataclasses.replace(DRILL, procedure=mutant), tmp_path)
    assert verdict.of("validation") is Outcome.FAIL, said(verdict)
    assert verdict.of("successor") is Outcome.FAIL, said(verdict)


def test_a_way_in_that_is_spoiled_afterwards_is_caught(tmp_path: Path) -> None:
    """Nothing shows yet: tasks that run keep the settings that they read."""

    def spoil(recovery: Recovery) -> None:
        service = recovery.estate.service(Role.DR_APPLICATION)
        switching.write_endpoint(recovery, service.region, service.settings, "nowhere.example.com", 5432)
        database = switching.database_record(recovery)
        switching.write_record(recovery, {**database, "TTL": 604800})

    verdict = rehearse(dataclasses.replace(DRILL, procedure=With(FAIL_OVER, "set the alarms", spoil)), tmp_path)
    assert verdict.of("validation") is Outcome.FAIL, said(verdict)
    assert "nowhere.example.com" in said(verdict)
    assert "604800" in said(verdict)


@pytest.mark.parametrize("left_out", ["set backups and standby", "set the alarms"])
def test_stores_that_nobody_backs_up_or_watches_are_caught(tmp_path: Path, left_out: str) -> None:
    verdict = rehearse(dataclasses.replace(DRILL, procedure=Without(FAIL_OVER, (left_out,))), tmp_path)
    assert verdict.of("protection") is Outcome.FAIL, said(verdict)
    assert verdict.of("cache protection") is Outcome.FAIL, said(verdict)


def test_a_replica_hours_behind_is_caught(tmp_path: Path) -> None:
    estate = labelmint()
    late = tuple(
        d.model_copy(update={"apply_delay": timedelta(hours=2)}) if d.role is Role.DR_DATABASE else d
        for d in estate.databases
    )
    verdict = rehearse(DRILL, tmp_path, estate=estate.model_copy(update={"databases": late}))
    assert verdict.of("RPO") is Outcome.FAIL, said(verdict)


def test_a_failover_record_without_a_health_check_is_caught(tmp_path: Path) -> None:
    """Nobody is called, and nobody can tell from outside that the region is lost."""
    estate = labelmint()
    blind = tuple(
        record.model_copy(update={"health_check": None}) if record.failover == "PRIMARY" else record
        for record in estate.zone.records
    )
    zone = estate.zone.model_copy(update={"records": blind})
    verdict = rehearse(HURRIED, tmp_path, estate=estate.model_copy(update={"zone": zone}))
    assert verdict.of("detection") is Outcome.FAIL, said(verdict)
    assert verdict.of("procedure") is Outcome.FAIL, said(verdict)
