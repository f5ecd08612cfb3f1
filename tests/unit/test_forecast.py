"""What the recovery would take on AWS, and how the measured time splits up."""

from __future__ import annotations

import dataclasses
import importlib
import pkgutil
from collections.abc import Mapping
from datetime import timedelta

import pytest

from harness.aws_rules.durations import OF_OPERATION
from harness.aws_rules.immediate import IMMEDIATE
from harness.aws_rules.operations import mutates
from harness.clock import Instant
from harness.cloud import services
from harness.facts import (
    CallMade,
    Detected,
    DrillStarted,
    FaultStruck,
    ForecastInput,
    Part,
    RecoveryEnded,
    RecoveryStarted,
    StepStarted,
)
from harness.forecast import forecast, phases
from harness.objectives import Fidelity, Objectives
from harness.record import Outage, Record, Stamped

SECOND = 1_000_000_000
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


def started(decision: timedelta = 15 * MINUTE) -> DrillStarted:
    return DrillStarted(
        run="r", drill="d", title="t", runbook="", severity="sev-0", tags=(), environment="embedded",
        fidelity=Fidelity.REAL,
        operator="automation", pace=0.01, objectives=Objectives(4 * HOUR, HOUR), rehearsal_rto=10 * MINUTE,
        rehearsal_rpo=MINUTE, decision_time=decision, fault="", procedure="", planned_steps=(), recovers_to=(),
        names=(), signals=(),
        day="2026-01-01",
    )  # fmt: skip


def given(part: Part, low: timedelta, high: timedelta) -> ForecastInput:
    return ForecastInput(part, f"a term of {part}", low, high, "a test")


USUAL = (
    given(Part.DETECT, timedelta(seconds=30), timedelta(seconds=90)),
    given(Part.EXECUTE, 5 * MINUTE, 20 * MINUTE),
    given(Part.REDIRECT, timedelta(0), timedelta(seconds=30)),
)


def record(*facts: object, back: tuple[float, float] | None = (3.9, 4.1), felt: bool = True) -> Record:
    """Struck at 0 s; facts follow a second apart unless they say when, as (seconds, fact)."""
    stamped = [Stamped(Instant(0), FaultStruck("LoseInstance", "primary-database"))]
    for number, fact in enumerate(facts, start=1):
        at, what = fact if isinstance(fact, tuple) else (number, fact)
        stamped.append(Stamped(Instant(round(at * SECOND)), what))
    low, high = (None, None) if back is None else (round(back[0] * SECOND), round(back[1] * SECOND))
    outage = Outage("visitor", 100, 10, True, 0, 1 if felt else None, low, high)
    return Record(tuple(sorted(stamped, key=lambda s: s.at)), (outage,))


def test_terms_add_up_and_the_rehearsals_own_time_counts_at_the_upper_bound() -> None:
    ahead = forecast(record(started(), *USUAL))

    assert ahead.complete
    assert ahead.low == timedelta(minutes=20, seconds=30)
    assert ahead.high == timedelta(minutes=37, seconds=4.1)
    assert [part.part for part in ahead.parts] == [Part.DETECT, Part.DECIDE, Part.EXECUTE, Part.EXECUTE, Part.REDIRECT]


def test_a_time_to_live_of_six_hours_cannot_keep_a_promise_of_four() -> None:
    ahead = forecast(record(started(), *USUAL, given(Part.REDIRECT, timedelta(0), 6 * HOUR)))

    assert ahead.high > 4 * HOUR


def test_the_quickest_signal_may_and_the_slowest_must_be_waited_for() -> None:
    slow = given(Part.DETECT, 5 * MINUTE, 10 * MINUTE)

    ahead, without = forecast(record(started(), slow, *USUAL)), forecast(record(started(), *USUAL))

    assert ahead.low == without.low
    assert ahead.high - without.high == 10 * MINUTE - timedelta(seconds=90)


def test_verification_comes_after_service_is_back() -> None:
    assert forecast(record(started(), *USUAL, given(Part.VERIFY, HOUR, HOUR))).high < HOUR


def test_a_part_without_a_term_leaves_the_forecast_incomplete() -> None:
    for missing in USUAL:
        rest = [term for term in USUAL if term is not missing]

        assert forecast(record(started(), *rest)).missing == (missing.part.value,)


def test_service_that_never_came_back_leaves_the_forecast_incomplete() -> None:
    assert not forecast(record(started(), *USUAL, back=None)).complete
    assert not forecast(record(started(), *USUAL, felt=False)).complete


def test_a_drill_that_never_stated_its_terms_has_no_complete_forecast() -> None:
    assert forecast(record(*USUAL)).missing == ("decide",)


def test_deciding_before_the_disaster_takes_nothing_off() -> None:
    assert forecast(record(started(-3 * HOUR), *USUAL)).high == forecast(record(started(timedelta(0)), *USUAL)).high


STEPS = (
    (1.0, Detected("health check", "primary")),
    (1.5, RecoveryStarted("automation", "PromoteReadReplica")),
    (1.6, StepStarted("assess", Part.EXECUTE)),
    (2.0, StepStarted("promote", Part.EXECUTE)),
    (3.0, StepStarted("point the record", Part.REDIRECT)),
    (3.5, StepStarted("validate", Part.VERIFY)),
    (5.0, RecoveryEnded(ok=True)),
)


def test_the_parts_add_up_to_the_recovery_time() -> None:
    split = phases(record(*STEPS))

    assert split == {
        Part.DETECT: timedelta(seconds=1),
        Part.DECIDE: timedelta(seconds=0.5),
        Part.EXECUTE: timedelta(seconds=1.5),
        Part.REDIRECT: timedelta(seconds=1),
        Part.VERIFY: timedelta(seconds=1),
    }
    assert sum((split[part] for part in Part if part is not Part.VERIFY), timedelta(0)) == timedelta(seconds=4)


def test_odd_nanoseconds_do_not_break_the_sum() -> None:
    odd = [(at + 1e-9 * number * 333, fact) for number, (at, fact) in enumerate(STEPS)]

    split = phases(record(*odd, back=(3.9000001234, 4.1000005)))

    parts = [split[part] for part in Part if part is not Part.VERIFY]
    assert sum(parts, timedelta(0)) == timedelta(microseconds=round((3.9000001234 + 4.1000005) / 2 * 1e6))


def test_what_comes_after_the_last_step_is_waiting_for_clients() -> None:
    split = phases(record(*STEPS, back=(7.0, 7.0)))

    assert split[Part.REDIRECT] == timedelta(seconds=0.5 + 1.5 + 2.0)
    assert split[Part.VERIFY] == timedelta(0)


def test_without_a_signal_all_until_the_recovery_is_detection() -> None:
    split = phases(record(*STEPS[1:]))

    assert (split[Part.DETECT], split[Part.DECIDE]) == (timedelta(seconds=1.5), timedelta(0))


def test_a_signal_after_the_recovery_began_changes_nothing() -> None:
    assert phases(record(*STEPS, (2.5, Detected("alarm", "connections lost")))) == phases(record(*STEPS))


def test_a_signal_before_the_strike_is_none() -> None:
    split = phases(record((-1.0, Detected("alarm", "old")), *STEPS[1:]))

    assert split[Part.DETECT] == timedelta(seconds=1.5)


def test_a_recovery_that_nobody_performs_is_the_services_own() -> None:
    split = phases(record((1.0, Detected("health check", "primary"))))

    assert (split[Part.DETECT], split[Part.EXECUTE]) == (timedelta(seconds=1), timedelta(seconds=3))


def test_without_a_return_there_are_no_parts() -> None:
    assert phases(record(*STEPS, back=None)) == {}


def test_terms_come_from_the_calls_that_were_made_and_not_from_the_procedures_own_account() -> None:
    """Keeping quiet about a promotion makes it no quicker; a TTL counts where a record was changed."""
    ttl = dataclasses.replace(given(Part.REDIRECT, timedelta(0), 6 * HOUR), only_if="ChangeResourceRecordSets")
    told = (RecoveryStarted("automation", "p"), StepStarted("promote", Part.EXECUTE))
    base = [Stamped(Instant(0), fact) for fact in (started(), ttl, *told)]

    quiet = forecast(Record((*base, _called("PromoteReadReplica"))))
    switched = forecast(Record((*base, _called("PromoteReadReplica"), _called("ChangeResourceRecordSets"))))

    assert any("promotion" in part.what and part.high == 30 * MINUTE for part in quiet.parts)
    assert all(part.high < HOUR for part in quiet.parts)
    assert switched.high > 6 * HOUR


@pytest.mark.parametrize(
    ("operation", "params", "told"),
    [
        ("CreateStack", {}, "how long CreateStack takes (db)"),
        ("StartExportTask", {}, "how long StartExportTask takes (db)"),
        ("CreateDBInstanceReadReplica", {}, "how long CreateDBInstanceReadReplica takes (db)"),
        ("SwitchoverReadReplica", {}, "how long SwitchoverReadReplica takes (db)"),
        (
            "ModifyDBInstance",
            {"DBInstanceIdentifier": "db", "DBInstanceClass": "db.r6g.large", "EngineVersion": "18.1"},
            "how long ModifyDBInstance interrupts db (DBInstanceClass, EngineVersion)",
        ),
    ],
)
def test_what_takes_long_and_has_no_published_figure_is_not_zero(
    operation: str, params: dict[str, str], told: str
) -> None:
    """The forecast is then a floor, and says what it lacks."""
    known = forecast(record(started(), *USUAL, *BEGUN))
    ahead = forecast(_with(operation, params, Part.EXECUTE))
    assert ahead.missing == (told,)
    assert ahead.low == known.low


@pytest.mark.parametrize(
    ("operation", "params", "part"),
    [
        ("ModifyDBInstance", {"DBInstanceIdentifier": "db", "MultiAZ": True, "ApplyImmediately": True}, Part.EXECUTE),
        ("ModifyDBInstance", {"DBInstanceClass": "db.r6g.large"}, Part.VERIFY),
        ("RestoreDBInstanceToPointInTime", {}, Part.VERIFY),
        ("PromoteReadReplica", {}, Part.EXECUTE),
        ("CreateDBInstance", {}, Part.EXECUTE),
        ("PutParameter", {}, Part.EXECUTE),
    ],
)
def test_what_is_published_or_does_not_interrupt_or_comes_after_service_leaves_the_forecast_complete(
    operation: str, params: dict[str, object], part: Part
) -> None:
    assert forecast(_with(operation, params, part)).complete


BEGUN = ((1.0, RecoveryStarted("automation", "p")),)


def _with(operation: str, params: Mapping[str, object], part: Part) -> Record:
    """A change in a step of that part, before service was back, or for a verifying one after that."""
    at = 4.5 if part is Part.VERIFY else 3
    return record(started(), *USUAL, *BEGUN, (2.0, StepStarted("a step", part)), (at, _at(at, operation, params)))


def _at(at: float, operation: str, params: Mapping[str, object] | None = None, **looked: object) -> CallMade:
    call = _called(operation).fact
    assert isinstance(call, CallMade)
    changes = not operation.startswith("Describe")
    return dataclasses.replace(call, started=round(at * SECOND), params=dict(params or {}), mutates=changes, **looked)  # type: ignore[arg-type]


def _restores(part: Part) -> Record:
    """Three restores one after the other, in a step of that part."""
    calls = [(at, _at(at, "RestoreDBInstanceToPointInTime")) for at in (2.1, 2.2, 2.3)]
    return record(started(), *USUAL, *BEGUN, (2.0, StepStarted("a step", part)), *calls)


@pytest.mark.parametrize("part", Part)
def test_how_a_step_is_labelled_moves_no_figure(part: Part) -> None:
    """Changes that were made before service was back come one after the other, in whatever step they were made."""
    assert forecast(_restores(part)).high - forecast(record(started(), *USUAL, *BEGUN)).high == 3 * 90 * MINUTE


def test_what_was_changed_before_the_recovery_was_said_to_begin_counts() -> None:
    early = forecast(record(started(), *USUAL, (0.5, _at(0.5, "PromoteReadReplica")), *BEGUN))
    assert any("promotion" in part.what for part in early.parts)


@pytest.mark.parametrize("shown", [{"db": "available"}, {"db": "modifying"}, {}])
def test_a_look_after_a_modification_is_a_wait_whatever_it_showed(shown: dict[str, str]) -> None:
    """At a quick pace the first look already shows the instance available."""
    change = (2.1, _at(2.1, "ModifyDBInstance", {"MultiAZ": True}))
    look = (2.2, _at(2.2, "DescribeDBInstances", states=shown))
    elsewhere = (2.2, _at(2.2, "DescribeDBInstances", states=shown, region="us-west-2"))
    later = (2.15, _at(2.15, "PutParameter"))
    without = forecast(record(started(), *USUAL, *BEGUN, change))
    assert forecast(record(started(), *USUAL, *BEGUN, change, look)).high - without.high == HOUR
    assert forecast(record(started(), *USUAL, *BEGUN, change, elsewhere)).high == without.high
    assert forecast(record(started(), *USUAL, *BEGUN, change, later, look)).high == without.high


def test_every_change_that_the_cloud_answers_is_known_to_the_forecast() -> None:
    """A new operation of a service gets its figure, or is said to be done at once; never neither, never both."""
    changes = {name for name in _answered() if mutates(name)} - {"ModifyDBInstance"}
    assert len(changes) > 40
    assert changes <= {*OF_OPERATION, *IMMEDIATE}
    assert not {*OF_OPERATION} & IMMEDIATE


def _answered() -> set[str]:
    """Every operation of which a class of the cloud's services says that it answers it, or that moto may."""
    found: set[str] = set()
    for module in pkgutil.walk_packages(services.__path__, f"{services.__name__}."):
        for kind in vars(importlib.import_module(module.name)).values():
            for method in vars(kind).values() if isinstance(kind, type) else ():
                found.add(getattr(method, "__aws_operation__", ""))
            found |= getattr(kind, "passes", frozenset()) if isinstance(kind, type) else set()
    return found - {""}


def _called(operation: str) -> Stamped:
    made = (operation, "us-east-1", True, "id", 5, timedelta(0), 200)
    return Stamped(Instant(5), CallMade("automation", "rds", *made, resources=("db",)))
