"""What a recovery may change is told by what its drill is about."""

from __future__ import annotations

from pathlib import Path

from harness.drill.terms import touched
from harness.estate import Estate, Role, load_estate
from scenarios.application_service_failure import DRILL as ROLL_BACK
from scenarios.balancer_targets_failure import DRILL as RESTORE_TARGETS
from scenarios.database_promote_replica import DRILL as PROMOTE
from scenarios.restore_cache import DRILL as RESTORE_CACHE
from scenarios.restore_database import DRILL as RESTORE_DATABASE

ROOT = Path(__file__).parents[3]


def estate() -> Estate:
    return load_estate(ROOT / "scenarios" / "labelmint.toml")


def test_who_restores_aside_may_change_nothing_that_is_there() -> None:
    """Neither what is copied, nor the names and settings that lead to it."""
    cache, database = Role.RESTORED_CACHE, Role.RESTORED_DATABASE
    assert touched(RESTORE_CACHE, estate()) == {estate().cache(cache).identifier}
    assert touched(RESTORE_DATABASE, estate()) == {estate().database(database).identifier}


def test_who_recovers_may_change_what_was_struck_what_takes_over_and_what_leads_there() -> None:
    there = estate()
    names = touched(PROMOTE, there)
    assert {there.database(role).identifier for role in (Role.PRIMARY_DATABASE, Role.READ_REPLICA)} <= names
    assert {there.zone.database_name, there.service(Role.APPLICATION).settings} <= names
    assert there.database(Role.DR_DATABASE).identifier not in names
    assert there.service(Role.APPLICATION).cache_settings not in names


def test_who_recovers_a_service_may_change_it_and_nothing_of_the_database_behind_it() -> None:
    there = estate()
    service, balancer = there.service(Role.APPLICATION), there.balancer(Role.BALANCER)
    named = {service.cluster, service.service, balancer.name, balancer.target_group}
    assert touched(ROLL_BACK, there) == named


def test_who_recovers_a_balancer_may_change_nothing_else() -> None:
    there = estate()
    balancer = there.balancer(Role.BALANCER)
    assert touched(RESTORE_TARGETS, there) == {balancer.name, balancer.target_group}
