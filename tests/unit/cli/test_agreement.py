"""What a drill expects is what its feature promises, and a known gap is looked at again within a year."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from harness.cli.agreement import require_agreement, require_budgets, require_labels, require_review
from harness.cli.catalogue import load_catalogue, read_scenarios
from harness.cli.project import project_root
from harness.errors import BadSpec
from harness.facts import Part, Promise
from harness.objectives import Objectives
from harness.recovery.procedure import Step
from harness.spec import SENTENCES, DrillSpec, KnownGapDeclared
from scenarios.application_service_failure import DRILL as ROLL_BACK
from scenarios.database_promote_replica import DRILL
from scenarios.restore_bucket import DRILL as WATCHED

PLACE = "features/x.feature:7"
TODAY = date(2026, 11, 22)


FENCING, ROLLBACK, RESTRAINT = (SENTENCES[p] for p in (Promise.FENCING, Promise.ROLLBACK, Promise.RESTRAINT))


@pytest.mark.parametrize(
    ("promises", "sentences"),
    [
        ({Promise.FENCING}, {ROLLBACK, FENCING}),
        ({Promise.FENCING, Promise.ROLLBACK}, {FENCING}),
        (set(), {FENCING}),
        ({Promise.FENCING}, set()),
        ({Promise.RESTRAINT}, set()),
        ({Promise.FENCING}, {FENCING, RESTRAINT}),
    ],
)
def test_a_sentence_and_a_promise_that_disagree_are_refused(promises: set[Promise], sentences: set[str]) -> None:
    """Else a promise is read that nobody judges, or judged that nobody made."""
    spec = replace(DRILL, promises=tuple(promises))
    with pytest.raises(BadSpec, match=PLACE) as refused:
        require_agreement(spec, sentences, PLACE)
    assert refused.value.hint


@pytest.mark.parametrize(
    "promises", [set(), {Promise.FENCING}, {Promise.ROLLBACK, Promise.RESTRAINT}, set(Promise) - {Promise.RETURN}]
)
def test_a_sentence_and_a_promise_that_agree_are_not(promises: set[Promise]) -> None:
    said = {SENTENCES[promise] for promise in promises}
    require_agreement(replace(DRILL, promises=tuple(promises)), said, PLACE)


def test_every_promise_has_its_sentence() -> None:
    assert set(SENTENCES) == set(Promise)


def test_the_catalogue_reads_the_sentences_of_a_scenario() -> None:
    """The drills of this very project agree with their features; that is more than that nothing was read."""
    entries = load_catalogue(project_root()).entries
    for promise, sentence in SENTENCES.items():
        assert all((sentence in e.scenario.sentences) is (promise in e.spec.promises) for e in entries)
        assert any(promise in e.spec.promises for e in entries)


@pytest.mark.parametrize(
    ("tags", "differing"),
    [
        ({"sev-1", "database", "monthly"}, "@sev-0, @sev-1"),
        ({"database", "monthly"}, "@sev-0"),
        ({"sev-0", "sev-1", "database", "monthly"}, "@sev-1"),
        ({"sev-0", "database"}, "@monthly"),
        ({"sev-0", "database", "monthly", "weekly"}, "@weekly"),
    ],
)
def test_other_tags_or_another_severity_than_the_features_are_refused(tags: set[str], differing: str) -> None:
    """Else `pytest -m` and `drill run --tag` choose other drills by the same word."""
    with pytest.raises(BadSpec, match=f"same tags: {differing} is") as refused:
        require_labels(DRILL, tags, PLACE)
    assert PLACE in refused.value.message


def test_the_tags_of_feature_rule_and_scenario_are_the_drills(tmp_path: Path) -> None:
    folder = tmp_path / "features"
    folder.mkdir()
    (folder / "x.feature").write_text("""
@sev-0 @database
Feature: Losing it
  Background:
    Given these recovery objectives:
      | RTO | 4 hours |
      | RPO | 1 hour  |

  @nights
  Rule: At night
    @monthly
    Scenario: It comes back
      Given the "database-promote-replica" drill in steady state
""")
    [scenario] = read_scenarios(tmp_path)
    assert scenario.tags == ("sev-0", "database", "nights", "monthly")
    require_labels(DRILL, set(scenario.tags) - {"nights"}, PLACE)


@pytest.mark.parametrize(
    ("promised", "what"),
    [
        (Objectives(timedelta(seconds=9), timedelta(hours=1)), "rehearsal_rto of 0:00:10"),
        (Objectives(timedelta(hours=4), timedelta(milliseconds=1)), "rehearsal_rpo of 0:00:01"),
    ],
)
def test_a_rehearsal_budget_above_the_promise_is_refused(promised: Objectives, what: str) -> None:
    with pytest.raises(BadSpec, match=what) as refused:
        require_budgets(DRILL, promised, PLACE)
    assert PLACE in refused.value.message


def test_a_rehearsal_budget_within_the_promise_is_not() -> None:
    require_budgets(DRILL, Objectives(DRILL.rehearsal_rto, DRILL.rehearsal_rpo), PLACE)


def test_a_decision_before_the_disaster_is_refused() -> None:
    """It would be taken off the forecast."""
    with pytest.raises(BadSpec, match="in less than no time"):
        replace(DRILL, decision_time=timedelta(seconds=-1))
    replace(DRILL, decision_time=timedelta(0))


def test_a_promise_that_a_witness_does_not_look_at_is_refused() -> None:
    with pytest.raises(BadSpec, match="looks at nothing but his own checks"):
        replace(WATCHED, promises=(Promise.FENCING,))


@dataclass(frozen=True, slots=True)
class Detects:
    """A procedure whose step says that it is the detection."""

    def steps(self) -> tuple[Step, ...]:
        return (Step("promote", Part.DETECT, "", lambda _: None),)


def test_a_witness_looks_at_no_cache() -> None:
    """Clients of a cache decide alone and nothing of theirs is judged there: visitors and writers would not count."""
    workload = replace(WATCHED.workload, reader_hz=60, keeper_rate=50)
    with pytest.raises(BadSpec, match="clients of a cache that nobody would judge") as refused:
        replace(WATCHED, workload=workload)
    assert "reader_hz" in refused.value.hint


def test_tasks_are_told_where_a_service_is_struck_and_nowhere_else() -> None:
    """How many are to serve in the end is judged; of a drill that does not say it nobody would know."""
    for wrong in (replace(ROLL_BACK, tasks=6), DRILL):
        with pytest.raises(BadSpec, match="tasks are to serve in the end"):
            replace(wrong, tasks=0 if wrong.tasks else 6)


def test_a_step_that_calls_itself_detection_is_refused() -> None:
    with pytest.raises(BadSpec, match="a step of the part detect"):
        replace(DRILL, procedure=Detects())


def reviewed(on: date) -> DrillSpec:
    return replace(DRILL, known_gap=KnownGapDeclared("RPO", on, timedelta(days=1), "a backup a day"))


def test_a_known_gap_that_nobody_looks_at_for_years_is_refused() -> None:
    with pytest.raises(BadSpec, match="is reviewed only on 2027-11-23") as refused:
        require_review(reviewed(TODAY + timedelta(days=366)), TODAY)
    assert "365 days" in refused.value.hint


@pytest.mark.parametrize("days", [365, 1, -1])
def test_a_review_within_a_year_is_not_and_a_missed_one_fails_only_its_own_drill(days: int) -> None:
    require_review(reviewed(TODAY + timedelta(days=days)), TODAY)
