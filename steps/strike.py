"""When: the disaster."""

from __future__ import annotations

from pytest_bdd import when

from harness.drill import Drill


@when("disaster strikes")
def disaster_strikes(drill: Drill) -> None:
    drill.strike()
