"""The rows of the scorecard's tables say what happened, and no more."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import timedelta
from pathlib import Path

import pytest

from harness.clock import Instant
from harness.evidence import Bundle
from harness.facts import (
    WEAKNESS,
    AtStake,
    CallMade,
    FaultBitten,
    FaultStruck,
    Part,
    StepEnded,
    StepStarted,
    SwitchFailed,
)
from harness.objectives import Fidelity, Outcome
from harness.record import DataGap, Record, Stamped
from harness.verdict import Finding, Verdict
from harness.verdict.data import judge_ledger
from reports import findings
from reports.card import card
from reports.lanes import lanes
from reports.tables import ledgers, step_rows
from tests.golden.story import PASS, SECOND, STRIKE, sealed, terms


def told(bundle: Bundle, *facts: tuple[float, object]) -> Bundle:
    """The bundle with more facts, each so many seconds after the strike."""
    more = [Stamped(Instant(STRIKE + round(at * SECOND)), fact) for at, fact in facts]
    every = sorted([*bundle.record.facts, *more], key=lambda stamped: stamped.at)
    return replace(bundle, record=replace(bundle.record, facts=tuple(every)))


def test_a_switch_that_failed_is_told_in_its_step_alone_and_on_the_timeline(tmp_path: Path) -> None:
    steps = (
        (4.0, StepStarted("promote", Part.EXECUTE)),
        (4.5, SwitchFailed("db", "db is failed")),
        (4.6, StepEnded("promote", True)),
        (4.7, StepStarted("roll back", Part.EXECUTE)),
        (4.8, StepEnded("roll back", True)),
    )
    bundle = told(sealed(tmp_path / "b", PASS), *steps)
    results = {row.name: (row.result, row.ok, row.foreseen) for row in step_rows(bundle.record)}

    assert results["promote"] == ("failed: db is failed", True, True)
    assert results["roll back"] == ("done", True, False)
    picture = lanes(bundle)
    assert picture is not None
    assert ("switch failed", 4.5) in [(mark.name, mark.at) for mark in picture.marks]


def test_weaknesses_stand_beside_the_fault(tmp_path: Path) -> None:
    shown = FaultBitten(WEAKNESS, True, "read-replica: BreakPromotion")
    hidden = FaultBitten(WEAKNESS, False, "cache: Stale")
    facts = dict(card(told(sealed(tmp_path / "b", PASS), (5.0, shown), (5.1, hidden))).facts)

    assert facts["Weakness"] == "read-replica: BreakPromotion; cache: Stale (never showed)"


def test_a_look_at_what_is_not_there_is_no_failure(tmp_path: Path) -> None:
    """Errors of looks and of changes are counted apart."""

    def call(operation: str, *, mutates: bool) -> CallMade:
        took = timedelta(milliseconds=3)
        return CallMade("automation", "rds", operation, "us-east-1", mutates, "r", STRIKE, took, 404, "NotFound")

    bundle = sealed(tmp_path / "b", PASS)
    assert "none answered with an error; 27 looks, none." in card(bundle).calls_say
    looked = told(bundle, (1.0, call("DescribeDBClusters", mutates=False)))
    assert "none answered with an error; 28 looks, 1, which changes nothing" in card(looked).calls_say
    changed = told(bundle, (1.0, call("PromoteReadReplica", mutates=True)))
    assert "1 answered with an error; 27 looks, none." in card(changed).calls_say


def test_who_serves_is_said_once() -> None:
    twice = Finding("successor", Outcome.PASS, Fidelity.REAL, "db is b; web is b; db is b")

    assert findings.rows(Verdict((twice,)))[0].detail == "db is b; web is b"


def test_a_baseline_counted_while_clients_wrote_says_so(tmp_path: Path) -> None:
    bundle = sealed(tmp_path / "b", PASS)

    assert "after the clients had begun" in card(bundle).integrity_says
    assert "clients" not in card(replace(bundle, record=Record(()))).integrity_says


CACHE, DATABASE = AtStake.CACHE, AtStake.DATABASE
WHOLE = DataGap(measured=True, acknowledged=863, kept=863)
COUNTS = [one.name for one in fields(DataGap) if one.type == "int" and one.name != "acknowledged"]


def drill(at_stake: AtStake, **gaps: DataGap) -> Record:
    """The record of a drill that struck this, with what was measured."""
    return Record((Stamped(Instant(STRIKE), replace(terms(PASS), at_stake=at_stake)),), **gaps)  # type: ignore[arg-type]


def test_each_ledger_that_was_compared_has_its_table_what_was_struck_first() -> None:
    lost = DataGap(measured=True, acknowledged=863, kept=708, lost=155)
    both = ledgers(drill(CACHE, gap=WHOLE, cache_gap=lost))

    assert [ledger.place for ledger in both] == [CACHE, DATABASE]
    assert both[0].says == "863 acknowledged writes, each looked for in the cache after the drill."
    assert {fate.what: fate.number for fate in both[0].fates}["acknowledged and lost"] == 155
    assert [ledger.place for ledger in ledgers(drill(DATABASE, gap=WHOLE))] == [DATABASE]


def test_a_ledger_that_was_never_compared_has_no_zeros() -> None:
    never = ledgers(drill(CACHE, gap=WHOLE))[0]

    assert (never.place, never.fates) == (CACHE, ())
    assert never.says == "What was written into the cache was never compared with it."


@pytest.mark.parametrize(
    "name", [one.name for one in fields(DataGap) if one.type == "int" and one.name != "acknowledged"]
)
def test_every_count_of_a_ledger_is_in_its_table_and_red_where_the_judge_fails_it(name: str) -> None:
    """No failing ledger stands above a table in which nothing is wrong."""
    gap = replace(WHOLE, **{name: 77})  # type: ignore[arg-type]
    told = [fate for fate in ledgers(drill(DATABASE, gap=gap))[0].fates if fate.number == 77]
    judged = judge_ledger(gap)

    assert len(told) == 1
    assert told[0].wrong == (judged.outcome is Outcome.FAIL or name == "lost")
    assert judged.outcome is Outcome.PASS or judged.detail == f"77 {told[0].what}"


def test_where_nothing_was_struck_times_count_from_the_start_and_say_so(tmp_path: Path) -> None:
    """Not from the zero of the host's clock, which makes hours of seconds."""
    bundle = sealed(tmp_path / "b", PASS)
    unstruck = tuple(stamped for stamped in bundle.record.facts if not isinstance(stamped.fact, FaultStruck))
    shown = card(replace(bundle, record=replace(bundle.record, facts=unstruck)))

    assert shown.performed.endswith("Times count from the start.")
    assert shown.steps[0].after == "9.66 s"
    assert (shown.zero, card(bundle).zero) == ("from the start", "from the strike")
