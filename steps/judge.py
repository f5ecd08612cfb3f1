"""Then: the findings. A finding that no sentence mentions fails the build all the same, in the drill's finalizer."""

from __future__ import annotations

import pytest
from pytest_bdd import then

from harness.drill import Drill
from harness.facts import Promise
from harness.objectives import Outcome
from harness.spec import SENTENCES


def require(drill: Drill, *findings: str) -> None:
    """Each of these findings is a pass, or the declared gap. Fails with what each of the others said."""
    verdict = drill.judge()
    excused = verdict.known_gap.finding if verdict.known_gap else None
    bad = [name for name in findings if verdict.of(name) is not Outcome.PASS and name != excused]
    if bad:
        found = [verdict.finding(name) for name in bad]
        lines = [f"{f.outcome.name} {f.name}: {f.detail}" for f in found if f] or [f"never judged: {', '.join(bad)}"]
        pytest.fail("\n".join(lines), pytrace=False)


@then("the RTO is met")
def rto_is_met(drill: Drill) -> None:
    require(drill, "RTO", "stability")


@then("the RPO is met")
def rpo_is_met(drill: Drill) -> None:
    require(drill, "RPO")


@then("the service goes on without its cache")
def service_goes_on(drill: Drill) -> None:
    require(drill, "serving")


@then("the cache is as warm and as strong as before")
def cache_is_as_before(drill: Drill) -> None:
    require(drill, "cache ledger", "warmth", "protection")


@then("the release that served before serves again, as widely as was asked")
def release_is_as_before(drill: Drill) -> None:
    require(drill, "release", "capacity", "followed")


@then("the balancer sends to the tasks alone, and all of them serve")
def targets_are_the_tasks(drill: Drill) -> None:
    require(drill, "targets", "capacity", "followed")


@then("nobody else noticed")
def bystanders_are_served(drill: Drill) -> None:
    require(drill, "bystanders")


@then("the data is intact")
def data_is_intact(drill: Drill) -> None:
    require(drill, "integrity", "ledger", "successor")


@then("everything that was to be looked at is as it must be")
def checks_are_good(drill: Drill) -> None:
    require(drill, "checks", "integrity", "ledger")


@then("nobody who uses the service noticed")
def nobody_noticed(drill: Drill) -> None:
    require(drill, "undisturbed")


@then(SENTENCES[Promise.FENCING])
def lost_primary_is_fenced(drill: Drill) -> None:
    require(drill, Promise.FENCING)


@then(SENTENCES[Promise.ROLLBACK])
def switch_is_rolled_back(drill: Drill) -> None:
    require(drill, Promise.ROLLBACK)


@then(SENTENCES[Promise.RESTRAINT])
def it_is_left_alone(drill: Drill) -> None:
    require(drill, Promise.RESTRAINT)


@then("the recovery needs nothing of the lost region")
def recovery_is_independent(drill: Drill) -> None:
    require(drill, "independence", "order")


@then("as many tasks serve as before")
def capacity_is_as_before(drill: Drill) -> None:
    require(drill, "capacity")


@then(SENTENCES[Promise.RETURN])
def nobody_is_led_back(drill: Drill) -> None:
    require(drill, Promise.RETURN)
