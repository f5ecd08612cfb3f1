"""Each way in which a cache's restore can go wrong while looking right, on real servers: the drill must not pass."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from pathlib import Path

import pytest

from harness.capabilities import Spoiling
from harness.estate import Role
from harness.faults.spoil_backups import SpoilBackups
from harness.objectives import Outcome
from harness.recovery import cache_snapshots
from harness.recovery.procedure import Recovery
from harness.recovery.restore_cache_from_snapshot import RestoreCacheFromSnapshot
from harness.spec import Strike
from harness.verdict.model import GapStatus
from scenarios.cache_restore_snapshot import DRILL
from steps.prepare import said
from tests.sabotage.mutants import Instead, Without
from tests.sabotage.rehearsal import rehearse

RESTORE = RestoreCacheFromSnapshot()
STEP = "restore the last snapshot"
assert DRILL.procedure == RESTORE


def test_the_drill_as_it_is_passes_but_for_its_known_gap(tmp_path: Path) -> None:
    """Without this, every red below could be red for another reason."""
    verdict = rehearse(DRILL, tmp_path)
    assert verdict.known_gap is not None
    assert verdict.known_gap.status is GapStatus.PRESENT
    assert verdict.effective is Outcome.PASS, said(verdict)


@pytest.mark.parametrize("how", [Spoiling.TRUNCATED, Spoiling.EMPTY])
def test_a_snapshot_with_some_of_the_keys_or_none_is_caught(tmp_path: Path, how: Spoiling) -> None:
    """It restores without a complaint, and the cache is warm again in no time."""
    spoiled = Strike(SpoilBackups(how), Role.CACHE)
    verdict = rehearse(dataclasses.replace(DRILL, weaknesses=(spoiled,)), tmp_path)
    assert verdict.of("cache ledger") is Outcome.FAIL, said(verdict)
    assert verdict.effective is Outcome.FAIL, said(verdict)


def test_a_snapshot_of_the_night_before_last_is_caught(tmp_path: Path) -> None:
    """Dated like last night's, and holds what the one before held."""
    stale = Strike(SpoilBackups(Spoiling.STALE), Role.CACHE)
    verdict = rehearse(dataclasses.replace(DRILL, nights=2, weaknesses=(stale,)), tmp_path)
    assert verdict.of("cache ledger") is Outcome.FAIL, said(verdict)


def test_a_procedure_that_takes_any_snapshot_is_caught(tmp_path: Path) -> None:
    def take_the_first(recovery: Recovery) -> None:
        first = cache_snapshots.usable(recovery, recovery.estate.cache(Role.CACHE))[0]
        cache_snapshots.restore(recovery, recovery.estate.cache(Role.RESTORED_CACHE), first)

    mutant = Instead(RESTORE, STEP, take_the_first)
    verdict = rehearse(dataclasses.replace(DRILL, nights=2, procedure=mutant), tmp_path)
    assert verdict.of("cache ledger") is Outcome.FAIL, said(verdict)


def test_a_cache_that_was_never_warmed_up_is_caught(tmp_path: Path) -> None:
    """It serves, and the database does its work."""
    mutant = Without(RESTORE, ("warm the cache up", "follow the hit rate"))
    verdict = rehearse(dataclasses.replace(DRILL, procedure=mutant), tmp_path)
    assert verdict.of("warmth") is Outcome.FAIL, said(verdict)


@pytest.mark.parametrize(
    "changes",
    [
        {"NumCacheClusters": 2},
        {"AutomaticFailoverEnabled": None, "MultiAZEnabled": None},
        {"SnapshotRetentionLimit": None},
        {"CacheParameterGroupName": None},
    ],
    ids=["nodes", "failover", "snapshots", "parameters"],
)
def test_a_restored_cache_that_is_weaker_is_caught(tmp_path: Path, changes: dict[str, object]) -> None:
    """What the call leaves open, ElastiCache sets by its defaults."""
    verdict = rehearse(dataclasses.replace(DRILL, procedure=_restored_with(**changes)), tmp_path)
    assert verdict.of("protection") is Outcome.FAIL, said(verdict)


def test_a_restore_into_the_default_security_group_is_caught(tmp_path: Path) -> None:
    """The runbook's command with its placeholder left out: nobody can reach what was restored."""
    hurried = dataclasses.replace(DRILL, rehearsal_rto=timedelta(seconds=9))
    mutant = Without(_restored_with(SecurityGroupIds=None), ("follow the hit rate",))
    verdict = rehearse(dataclasses.replace(hurried, procedure=mutant), tmp_path)
    assert verdict.of("RTO") is Outcome.FAIL, said(verdict)
    assert verdict.of("validation") is Outcome.FAIL, said(verdict)


def _restored_with(**changes: object) -> Instead:
    def restore(recovery: Recovery) -> None:
        last = cache_snapshots.last(recovery, recovery.estate.cache(Role.CACHE))
        cache_snapshots.restore(recovery, recovery.estate.cache(Role.RESTORED_CACHE), last, **changes)

    return Instead(RESTORE, STEP, restore)
