"""Caches that were restored beside the one in use, and that nobody should go on with: the drill must not pass."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from pathlib import Path

import pytest

from harness.capabilities import Spoiling
from harness.drill import Drill
from harness.estate import Role
from harness.heard import KEPT
from harness.objectives import Outcome
from harness.probes.likeness import as_original
from harness.probes.live import UNTOUCHED
from harness.probes.restored_cache import CONTENT, OPERATIONS, RECENT, STATE
from harness.recovery import cache_snapshots, caches
from harness.recovery.procedure import Recovery
from harness.recovery.restore_cache import BEGIN, IDENTIFY, MONITOR, WATCH, RestoreCache
from harness.verdict.model import GapStatus
from harness.wait import until
from scenarios.restore_cache import DRILL
from steps.prepare import said
from tests.sabotage.meddling import line, spoil_backups
from tests.sabotage.mutants import Instead, With, Without
from tests.sabotage.rehearsal import rehearse

PROCEDURE = DRILL.procedure
SOON = timedelta(seconds=10)


def test_the_drill_as_it_is_passes_but_for_its_known_gap(tmp_path: Path) -> None:
    """Without this, every red below could be red for another reason."""
    verdict = rehearse(DRILL, tmp_path)
    assert verdict.known_gap is not None
    assert verdict.known_gap.status is GapStatus.PRESENT
    assert verdict.effective is Outcome.PASS, said(verdict)


@pytest.mark.parametrize("how", [Spoiling.TRUNCATED, Spoiling.EMPTY])
def test_a_snapshot_with_some_of_the_keys_or_none_is_caught(tmp_path: Path, how: Spoiling) -> None:
    """It restores without a complaint."""

    def spoil(_: Recovery) -> None:
        spoil_backups(drills[0], Role.CACHE, how)

    drills: list[Drill] = []
    spoiled = dataclasses.replace(DRILL, procedure=With(PROCEDURE, IDENTIFY, spoil))
    verdict = rehearse(spoiled, tmp_path, before_recovery=drills.append)
    assert verdict.of("checks") is Outcome.FAIL, said(verdict)
    assert RECENT in said(verdict)


def test_a_procedure_that_takes_any_snapshot_is_caught(tmp_path: Path) -> None:
    """The first of two nights restores well, and lacks a day."""

    def take_the_first(recovery: Recovery) -> None:
        first = cache_snapshots.usable(recovery, recovery.estate.cache(Role.CACHE))[0]
        cache_snapshots.begin(recovery, recovery.estate.cache(Role.RESTORED_CACHE), first)

    mutant = Instead(PROCEDURE, BEGIN, take_the_first)
    verdict = rehearse(dataclasses.replace(DRILL, nights=2, procedure=mutant), tmp_path)
    assert verdict.of("checks") is Outcome.FAIL, said(verdict)
    assert RECENT in said(verdict)


def test_the_runbooks_own_command_makes_a_weaker_group_and_is_caught(tmp_path: Path) -> None:
    """One node, nothing that replaces it, default parameters, no snapshots, no alarms; it holds all that it must."""
    left_out = dict.fromkeys(
        (
            "NumCacheClusters", "AutomaticFailoverEnabled", "MultiAZEnabled", "CacheParameterGroupName",
            "SnapshotRetentionLimit",
        )
    )  # fmt: skip

    def as_the_runbook(recovery: Recovery) -> None:
        last = cache_snapshots.last(recovery, recovery.estate.cache(Role.CACHE))
        cache_snapshots.begin(recovery, recovery.estate.cache(Role.RESTORED_CACHE), last, **left_out)

    mutant = Without(Instead(PROCEDURE, BEGIN, as_the_runbook), (WATCH,))
    verdict = rehearse(dataclasses.replace(DRILL, procedure=mutant), tmp_path)
    assert verdict.of("checks") is Outcome.FAIL, said(verdict)
    for trait in ("nodes", "automatic_failover", "multi_az", "parameter_group", "snapshot_retention_days", "alarms"):
        assert as_original(trait) in said(verdict)
    assert CONTENT not in said(verdict)


def test_a_restore_into_the_default_security_group_is_caught(tmp_path: Path) -> None:
    def unnamed(recovery: Recovery) -> None:
        last = cache_snapshots.last(recovery, recovery.estate.cache(Role.CACHE))
        cache_snapshots.begin(recovery, recovery.estate.cache(Role.RESTORED_CACHE), last, SecurityGroupIds=None)

    verdict = rehearse(dataclasses.replace(DRILL, procedure=Instead(PROCEDURE, BEGIN, unnamed)), tmp_path)
    assert verdict.of("checks") is Outcome.FAIL, said(verdict)
    assert OPERATIONS in said(verdict)
    assert CONTENT in said(verdict)


def test_values_that_are_altered_there_or_lost_here_are_caught(tmp_path: Path) -> None:
    """There: in what was restored. Here: in the cache that is in use, which nobody should have touched."""

    def meddle(_: Recovery) -> None:
        with line(drills[0], Role.RESTORED_CACHE) as there, line(drills[0], Role.CACHE) as here:
            names = here.call("KEYS", f"{KEPT}*")
            assert isinstance(names, list)
            there.call("SET", str(names[0]), "altered")
            here.call("DEL", *map(str, names[:5]))

    drills: list[Drill] = []
    mutant = dataclasses.replace(DRILL, procedure=With(PROCEDURE, MONITOR, meddle))
    verdict = rehearse(mutant, tmp_path, before_recovery=drills.append)
    assert verdict.of("checks") is Outcome.FAIL, said(verdict)
    assert CONTENT in said(verdict)
    assert verdict.of("undisturbed") is Outcome.FAIL, said(verdict)


def test_a_snapshot_of_the_cache_that_still_lives_is_caught(tmp_path: Path) -> None:
    """The nightly ones hold nothing; when disaster strikes nobody can take another one."""

    def take_another(recovery: Recovery) -> None:
        spoil_backups(drills[0], Role.CACHE, Spoiling.EMPTY)
        live, clients = recovery.estate.cache(Role.CACHE), drills[0].scene.clients()
        before = cache_snapshots.usable(recovery, live)
        since = recovery.clock.now()
        until("newer values", lambda: clients.acknowledged("keeper", since) >= 20, within=SOON)
        recovery.aws.elasticache(live.region).create_snapshot(ReplicationGroupId=live.identifier, SnapshotName="now")
        until("another snapshot", lambda: cache_snapshots.usable(recovery, live) != before, within=SOON)

    drills: list[Drill] = []
    swapped = Instead(With(PROCEDURE, IDENTIFY, take_another), BEGIN, restore_the_last)
    verdict = rehearse(dataclasses.replace(DRILL, procedure=swapped), tmp_path, before_recovery=drills.append)
    assert verdict.of("checks") is Outcome.FAIL, said(verdict)
    assert CONTENT in said(verdict)


def test_a_group_that_does_not_stay_and_documents_of_somebody_else_are_caught(tmp_path: Path) -> None:
    """It is well, and being deleted; what it says of the projects nobody has ever said."""

    def spoil(recovery: Recovery) -> None:
        with line(drills[0], Role.RESTORED_CACHE) as there:
            for number in range(1, 51):
                there.call("SET", f"labelmint:projects:{number}", '{"id": 666}')
        made = recovery.estate.cache(Role.RESTORED_CACHE)
        recovery.aws.elasticache(made.region).delete_replication_group(ReplicationGroupId=made.identifier)

    drills: list[Drill] = []
    mutant = dataclasses.replace(DRILL, procedure=With(PROCEDURE, WATCH, spoil))
    verdict = rehearse(mutant, tmp_path, before_recovery=drills.append)
    assert verdict.of("checks") is Outcome.FAIL, said(verdict)
    assert STATE in said(verdict)
    assert "documents other than in the cache in use" in said(verdict)


def restore_the_last(recovery: Recovery) -> None:
    last = cache_snapshots.last(recovery, recovery.estate.cache(Role.CACHE))
    cache_snapshots.begin(recovery, recovery.estate.cache(Role.RESTORED_CACHE), last)


def test_a_cache_in_use_that_was_changed_is_caught(tmp_path: Path) -> None:
    """The restore takes it out of its Global Datastore and leads the application to what was restored."""

    def change(recovery: Recovery) -> None:
        live, service = recovery.estate.cache(Role.CACHE), recovery.estate.service(Role.APPLICATION)
        elasticache = recovery.aws.elasticache(live.region)
        [store] = elasticache.describe_global_replication_groups()["GlobalReplicationGroups"]
        elasticache.disassociate_global_replication_group(
            GlobalReplicationGroupId=store["GlobalReplicationGroupId"],
            ReplicationGroupId=recovery.estate.cache(Role.DR_CACHE).identifier,
            ReplicationGroupRegion=recovery.estate.cache(Role.DR_CACHE).region,
        )
        caches.repoint(recovery, service, recovery.estate.cache(Role.RESTORED_CACHE))

    verdict = rehearse(dataclasses.replace(DRILL, procedure=With(PROCEDURE, WATCH, change)), tmp_path)
    assert verdict.of("checks") is Outcome.FAIL, said(verdict)
    assert UNTOUCHED in said(verdict)
    collateral = verdict.finding("collateral")
    assert collateral, said(verdict)
    assert "DisassociateGlobalReplicationGroup" in collateral.detail
    assert "PutParameter" in collateral.detail


def test_a_group_that_nobody_waits_for_is_caught(tmp_path: Path) -> None:
    """It is still being made when those come who want to test it."""
    verdict = rehearse(dataclasses.replace(DRILL, procedure=Without(PROCEDURE, (MONITOR, WATCH))), tmp_path)
    assert verdict.of("checks") is Outcome.FAIL, said(verdict)
    assert CONTENT in said(verdict)


def test_a_cache_without_snapshots_is_caught(tmp_path: Path) -> None:
    """The other region's group takes none here: there is nothing to restore."""
    verdict = rehearse(dataclasses.replace(DRILL, procedure=RestoreCache(original=Role.DR_CACHE)), tmp_path)
    assert verdict.of("procedure") is Outcome.FAIL, said(verdict)
