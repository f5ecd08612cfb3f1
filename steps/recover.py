"""When: the recovery."""

from __future__ import annotations

from pytest_bdd import when

from harness.drill import Drill


@when("the backups are verified")
@when("the recovery procedure is performed")
def perform_recovery(drill: Drill) -> None:
    drill.recover()
