"""Each way in which this recovery can go wrong while looking right, on real servers: the drill must not pass."""

from __future__ import annotations

import dataclasses
import re
import threading
from datetime import timedelta
from pathlib import Path

import pytest

from harness.aws import Actor
from harness.drill import Drill
from harness.errors import FaultNotFelt
from harness.estate import Estate, Role
from harness.evidence import rejudge
from harness.faults.cut_replication import CutReplication
from harness.objectives import SUSTAINED, Outcome
from harness.recovery import databases, switching
from harness.recovery.procedure import Recovery
from harness.recovery.promote_replica import PromoteReadReplica
from harness.spec import Strike
from harness.verdict import Verdict
from harness.wait import until
from scenarios.database_promote_replica import DRILL
from steps.prepare import said
from tests.sabotage.faults import Claimed, HealsByItself
from tests.sabotage.meddling import session
from tests.sabotage.mutants import Instead, With, Without
from tests.sabotage.rehearsal import labelmint, rehearse

PROMOTE = PromoteReadReplica()
assert DRILL.procedure == PROMOTE


def test_the_drill_as_it_is_passes(tmp_path: Path) -> None:
    """Without this, every red below could be red for another reason."""
    verdict = rehearse(DRILL, tmp_path)
    assert verdict.outcome is Outcome.PASS, said(verdict)


def test_a_replica_that_stopped_receiving_is_caught(tmp_path: Path) -> None:
    """A replica cut off from WAL before the strike loses acknowledged writes, and we must notice."""
    blind = Strike(CutReplication(), Role.READ_REPLICA, lead=timedelta(seconds=3))
    verdict = rehearse(dataclasses.replace(DRILL, weaknesses=(blind,)), tmp_path)
    assert verdict.of("RPO") is Outcome.FAIL, said(verdict)
    assert verdict.rpo is not None
    assert verdict.rpo.lost > 100


def test_an_application_that_was_never_repointed_is_caught(tmp_path: Path) -> None:
    mutant = Without(PROMOTE, ("repoint the application",))
    verdict = rehearse(dataclasses.replace(DRILL, procedure=mutant), tmp_path)
    assert verdict.of("RTO") is Outcome.FAIL, said(verdict)


def test_settings_without_a_deployment_are_caught(tmp_path: Path) -> None:
    """Tasks read their settings only when they start."""
    mutant = Without(PROMOTE, ("deploy the application",))
    verdict = rehearse(dataclasses.replace(DRILL, procedure=mutant), tmp_path)
    assert verdict.of("RTO") is Outcome.FAIL, said(verdict)


def test_a_name_that_still_points_at_the_dead_is_caught(tmp_path: Path) -> None:
    mutant = Without(PROMOTE, ("switch the database's name",))
    verdict = rehearse(dataclasses.replace(DRILL, procedure=mutant), tmp_path)
    assert verdict.of("RTO") is Outcome.FAIL, said(verdict)


def test_promoting_the_wrong_replica_is_caught(tmp_path: Path) -> None:
    """The other region's replica serves as well, and is not what this runbook promised."""
    mutant = dataclasses.replace(PROMOTE, replica=Role.DR_DATABASE)
    verdict = rehearse(dataclasses.replace(DRILL, procedure=mutant), tmp_path)
    assert verdict.of("successor") is Outcome.FAIL, said(verdict)


def test_a_seeded_row_that_vanished_is_caught(tmp_path: Path) -> None:
    verdict = _altered(tmp_path, "DELETE FROM task_submissions WHERE writer = 0 AND id = 9")
    assert verdict.of("integrity") is Outcome.FAIL, said(verdict)


def test_altered_data_is_caught(tmp_path: Path) -> None:
    """Rows that vanish from the promoted database, or are not what was written, fail the drill, each by its name."""
    verdict = _altered(
        tmp_path,
        "UPDATE task_submissions SET payload = 'altered' WHERE writer = 0 AND id = 7",
        "DELETE FROM task_submissions WHERE writer > 0 AND seq = 7",
        "UPDATE task_submissions SET payload = 'altered' WHERE writer > 0 AND seq = 8",
        "UPDATE task_submissions SET created_at = created_at - interval '2 s' WHERE writer > 0 AND seq = 9",
        "INSERT INTO task_submissions (project_id, user_id, writer, seq, payload) "
        "SELECT 1, 1, -5, i, 'never sent' FROM generate_series(1, 2000) i",
    )
    ledger = verdict.finding("ledger")
    assert ledger, said(verdict)
    vanished, altered = (_counted(ledger.detail, what) for what in ("lost although newer ones were kept", "altered"))
    assert vanished > 0, said(verdict)
    assert altered == 2 * vanished, said(verdict)  # of each writer one payload and one date
    assert _counted(ledger.detail, "never acknowledged nor sent") == 2000, said(verdict)
    assert verdict.of("ledger") is Outcome.FAIL
    assert verdict.of("integrity") is Outcome.FAIL, said(verdict)


def _altered(folder: Path, *deeds: str) -> Verdict:
    drills: list[Drill] = []

    def alter(_: Recovery) -> None:
        for sql in deeds:
            _run(drills[0], sql)

    mutant = With(PROMOTE, "promote the replica", alter)
    return rehearse(dataclasses.replace(DRILL, procedure=mutant), folder, before_recovery=drills.append)


def _counted(detail: str, what: str) -> int:
    found = re.search(rf"(\d+) {what}", detail)
    return int(found[1]) if found else 0


def test_a_replica_that_was_promoted_blindly_is_caught(tmp_path: Path) -> None:
    """It may have been hours behind; that it was not is luck."""
    verdict = rehearse(dataclasses.replace(DRILL, procedure=Without(PROMOTE, ("assess the impact",))), tmp_path)
    assert verdict.of("waits") is Outcome.FAIL, said(verdict)


def test_a_recovery_that_does_harm_elsewhere_is_caught(tmp_path: Path) -> None:
    """Everything that is measured comes back, and the cache is watched no more."""

    def harm(recovery: Recovery) -> None:
        alarm = next(alarm for alarm in recovery.estate.alarms if alarm.cache is Role.CACHE)
        recovery.aws.cloudwatch(alarm.region).delete_alarms(AlarmNames=[alarm.name])

    verdict = rehearse(dataclasses.replace(DRILL, procedure=With(PROMOTE, "promote the replica", harm)), tmp_path)
    assert verdict.of("collateral") is Outcome.FAIL, said(verdict)


def test_a_recovery_slower_than_its_budget_is_caught(tmp_path: Path) -> None:
    verdict = rehearse(dataclasses.replace(DRILL, rehearsal_rto=timedelta(seconds=1)), tmp_path)
    assert verdict.of("RTO") is Outcome.FAIL, said(verdict)


def test_service_that_flaps_after_recovery_is_caught(tmp_path: Path) -> None:
    """Back for more than 2 s, then gone for a moment: that is not restored for good."""
    drills: list[Drill] = []

    def freeze_later(recovery: Recovery) -> None:
        threading.Thread(target=_freeze_when_it_is_back, args=(drills[0],), daemon=True).start()

    mutant = With(PROMOTE, "switch the database's name", freeze_later)
    verdict = rehearse(dataclasses.replace(DRILL, procedure=mutant), tmp_path, before_recovery=drills.append)
    found = verdict.finding("stability")
    assert found, said(verdict)
    assert "visitor" in found.detail, said(verdict)
    if found.outcome is not Outcome.FAIL:  # a host that stood still itself proves nothing, and does not pass either
        assert found.outcome is Outcome.INCONCLUSIVE, said(verdict)
        assert "while the host stood still" in found.detail, said(verdict)


def test_a_ttl_of_six_hours_is_caught(tmp_path: Path) -> None:
    """Clients may keep the dead address for 6 h, whatever this rehearsal saw."""
    verdict = rehearse(DRILL, tmp_path, estate=_with_ttl(labelmint(), 6 * 3600))
    assert verdict.of("RTO") is Outcome.FAIL, said(verdict)


def test_a_replica_hours_behind_by_its_schedule_is_caught(tmp_path: Path) -> None:
    """A replica that applies changes two hours late exposes two hours, however little today's drill lost."""
    estate = labelmint()
    databases_ = tuple(
        d.model_copy(update={"apply_delay": timedelta(hours=2)}) if d.role is Role.READ_REPLICA else d
        for d in estate.databases
    )
    verdict = rehearse(DRILL, tmp_path, estate=estate.model_copy(update={"databases": databases_}))
    assert verdict.outcome is Outcome.FAIL, said(verdict)
    assert verdict.rpo is not None
    assert (verdict.rpo.exposure_seconds or 0) > 3600


def test_an_old_primary_that_takes_writes_is_caught(tmp_path: Path) -> None:
    mutant = Without(PROMOTE, ("fence the lost primary",))
    verdict = rehearse(dataclasses.replace(DRILL, procedure=mutant), tmp_path)
    assert verdict.of("fencing") is Outcome.FAIL, said(verdict)


def test_a_successor_without_backups_and_standby_is_caught(tmp_path: Path) -> None:
    """Nor from deletion: each of them is told."""
    mutant = Without(PROMOTE, ("set backups and standby", "wait for the standby"))
    verdict = rehearse(dataclasses.replace(DRILL, procedure=mutant), tmp_path)
    assert verdict.of("protection") is Outcome.FAIL, said(verdict)
    assert "it has no standby, it can be deleted" in said(verdict)


def test_a_verification_that_undoes_the_recovery_is_caught(tmp_path: Path) -> None:
    """The fence is opened again once the drill has looked: what it saw is no longer so."""

    def open_again(recovery: Recovery) -> None:
        lost = recovery.estate.database(Role.PRIMARY_DATABASE)
        ports = {"IpProtocol": "tcp", "FromPort": 5432, "ToPort": 5432, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
        recovery.aws.ec2(lost.region).authorize_security_group_ingress(
            GroupId=lost.security_group,
            IpPermissions=[ports],  # type: ignore[list-item]
        )

    mutant = Instead(PROMOTE, "wait for the standby", open_again)
    verdict = rehearse(dataclasses.replace(DRILL, procedure=mutant), tmp_path)
    assert verdict.of("procedure") is Outcome.FAIL, said(verdict)


def test_a_verification_that_deletes_what_was_saved_is_caught(tmp_path: Path) -> None:
    """What the last step does to the data is seen as well: everything is read back after it."""
    drills: list[Drill] = []

    def wait_and_delete(recovery: Recovery) -> None:
        _run(drills[0], "DELETE FROM task_submissions WHERE writer > 0")

    mutant = With(PROMOTE, "wait for the standby", wait_and_delete)
    verdict = rehearse(dataclasses.replace(DRILL, procedure=mutant), tmp_path, before_recovery=drills.append)
    assert verdict.of("ledger") is Outcome.FAIL, said(verdict)


def test_a_fault_that_heals_by_itself_proves_nothing(tmp_path: Path) -> None:
    """A replica that was cut off catches up from a primary that should have been gone for good."""
    verdict = rehearse(dataclasses.replace(DRILL, fault=HealsByItself()), tmp_path)
    assert verdict.of("fault") is Outcome.INCONCLUSIVE, said(verdict)


def test_a_change_by_another_hand_proves_nothing(tmp_path: Path) -> None:
    """Who switches the name with a key of somebody else has not been rehearsed."""
    drills: list[Drill] = []

    def by_another(recovery: Recovery) -> None:
        recovery.aws = drills[0].scene.environment.aws(Actor.APPLICATION)
        host, _ = databases.endpoint(recovery, recovery.estate.database(Role.READ_REPLICA))
        switching.point_name_at(recovery, host)

    mutant = Instead(PROMOTE, "switch the database's name", by_another)
    verdict = rehearse(dataclasses.replace(DRILL, procedure=mutant), tmp_path, before_recovery=drills.append)
    assert verdict.of("procedure") is Outcome.INCONCLUSIVE, said(verdict)


def test_an_alarm_that_never_rings_is_caught(tmp_path: Path) -> None:
    """With missing data taken for nothing, the alarm on a database that is gone says nothing."""
    estate = labelmint()
    silent = tuple(alarm.model_copy(update={"treat_missing_data": "missing"}) for alarm in estate.alarms)
    verdict = rehearse(DRILL, tmp_path, estate=estate.model_copy(update={"alarms": silent}))
    assert verdict.of("detection") is Outcome.FAIL, said(verdict)


def test_a_procedure_that_does_not_wait_is_caught(tmp_path: Path) -> None:
    """The name is switched while RDS still says modifying: it worked today, and is a finding all the same."""

    def hasty(recovery: Recovery) -> None:
        database = recovery.estate.database(Role.READ_REPLICA)
        rds = recovery.aws.rds(database.region)
        rds.promote_read_replica(DBInstanceIdentifier=database.identifier, BackupRetentionPeriod=35)
        host, _ = databases.endpoint(recovery, database)
        switching.point_name_at(recovery, host)

    mutant = Instead(PROMOTE, "promote the replica", hasty)
    verdict = rehearse(dataclasses.replace(DRILL, procedure=mutant), tmp_path)
    assert verdict.of("waits") is Outcome.FAIL, said(verdict)


@pytest.mark.parametrize("claims", [False, True])
def test_a_fault_that_did_not_bite_proves_nothing(tmp_path: Path, claims: bool) -> None:
    """Whether the machine or only the clients did not feel it: no recovery is tried, and the drill proved nothing."""
    spec = dataclasses.replace(DRILL, fault=Claimed(claims))
    with pytest.raises(FaultNotFelt):
        rehearse(spec, tmp_path)
    verdict = rejudge(tmp_path / DRILL.name)
    assert verdict.of("fault") is Outcome.INCONCLUSIVE, said(verdict)
    assert verdict.outcome is Outcome.INCONCLUSIVE, said(verdict)


def _with_ttl(estate: Estate, ttl: int) -> Estate:
    records = tuple(r.model_copy(update={"ttl": ttl}) if r.ttl is not None else r for r in estate.zone.records)
    return estate.model_copy(update={"zone": estate.zone.model_copy(update={"records": records})})


def _run(drill: Drill, sql: str) -> None:
    with session(drill, Role.READ_REPLICA) as opened:
        opened.execute(sql)


def _freeze_when_it_is_back(drill: Drill) -> None:
    """As soon as visitors have been served for as long as it takes to call that restored."""
    crew, since = drill.scene.clients(), drill.scene.clock.now()
    enough = SUSTAINED + timedelta(milliseconds=100)
    visitors = [client for client in crew.clients if client.startswith("visitor")]
    until("visitors served", lambda: all(crew.good_since(one, since) >= enough for one in visitors), within=enough * 3)
    _freeze(drill)


def _freeze(drill: Drill) -> None:
    """Hold a lock on the table that everybody writes to, for a moment."""
    with session(drill, Role.READ_REPLICA) as opened, opened.transaction():
        opened.execute("LOCK TABLE task_submissions IN EXCLUSIVE MODE")
        opened.execute("SELECT pg_sleep(0.8)")
