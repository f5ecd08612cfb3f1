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
from harness.facts import Part
from harness.objectives import Objectives
from harness.recovery.procedure import Step
from harness.spec import FENCING_SENTENCE, RESTRAINT_SENTENCE, ROLLBACK_SENTENCE, DrillSpec, KnownGapDeclared
from scenarios.database_promote_replica import DRILL

PLACE = "features/x.feature:7"
TODAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("fencing", "rollback", "sentences"),
    [
        (True, False, {ROLLBACK_SENTENCE, FENCING_SENTENCE}),
        (True, True, {FENCING_SENTENCE}),
        (False, False, {FENCING_SENTENCE}),
        (True, False, set()),
    ],
)
def test_a_sentence_and_a_flag_that_disagree_are_refused(fencing: bool, rollback: bool, sentences: set[str]) -> None:
    """Else a promise is read that nobody judges, or judged that nobody made."""
    spec = replace(DRILL, expects_fencing=fencing, expects_rollback=rollback)
    with pytest.raises(BadSpec, match=PLACE) as refused:
        require_agreement(spec, sentences, PLACE)
    assert refused.value.hint


@pytest.mark.parametrize(("fencing", "rollback"), [(True, True), (True, False), (False, True), (False, False)])
def test_a_sentence_and_a_flag_that_agree_are_not(fencing: bool, rollback: bool) -> None:
    said = {FENCING_SENTENCE} if fencing else set()
    said |= {ROLLBACK_SENTENCE} if rollback else set()
    require_agreement(replace(DRILL, expects_fencing=fencing, expects_rollback=rollback), said, PLACE)


def test_restraint_is_promised_where_it_is_judged_and_nowhere_else() -> None:
    by_itself = replace(DRILL, expects_fencing=False, recovers_itself=True)
    require_agreement(by_itself, {RESTRAINT_SENTENCE}, PLACE)
    for spec, said in ((by_itself, set[str]()), (DRILL, {FENCING_SENTENCE, RESTRAINT_SENTENCE})):
        with pytest.raises(BadSpec, match="recovers_itself"):
            require_agreement(spec, said, PLACE)


def test_the_catalogue_reads_the_sentences_of_a_scenario() -> None:
    """The drills of this very project agree with their features; that is more than that nothing was read."""
    entries = load_catalogue(project_root()).entries
    assert all((FENCING_SENTENCE in e.scenario.sentences) is e.spec.expects_fencing for e in entries)
    assert any(e.spec.expects_rollback for e in entries)


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


@dataclass(frozen=True, slots=True)
class Detects:
    """A procedure whose step says that it is the detection."""

    def steps(self) -> tuple[Step, ...]:
        return (Step("promote", Part.DETECT, "", lambda _: None),)


def test_a_step_that_calls_itself_detection_is_refused() -> None:
    with pytest.raises(BadSpec, match="a step of the part detect"):
        replace(DRILL, procedure=Detects())


def reviewed(on: date) -> DrillSpec:
    return replace(DRILL, known_gap=KnownGapDeclared("RPO", on, "a backup a day"))


def test_a_known_gap_that_nobody_looks_at_for_years_is_refused() -> None:
    with pytest.raises(BadSpec, match="is reviewed only on 2027-11-23") as refused:
        require_review(reviewed(TODAY + timedelta(days=366)), TODAY)
    assert "365 days" in refused.value.hint


@pytest.mark.parametrize("days", [365, 1, -1])
def test_a_review_within_a_year_is_not_and_a_missed_one_fails_only_its_own_drill(days: int) -> None:
    require_review(reviewed(TODAY + timedelta(days=days)), TODAY)
