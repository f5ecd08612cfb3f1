"""The catalogue joins scenarios with features, and says in a sentence what does not fit together."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from harness.cli.catalogue import Catalogue, load_catalogue, read_scenarios
from harness.cli.project import project_root
from harness.errors import BadSpec, DrillError, UnknownDrill, UsageError

BACKGROUND = """
  Background:
    Given these recovery objectives:
      | RTO | 4 hours |
      | RPO | 1 hour  |
"""


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue(project_root())


def feature(root: Path, body: str) -> Path:
    """A project that has this one feature."""
    (root / "features/database").mkdir(parents=True)
    (root / "features/database/x.feature").write_text("Feature: X\n" + body)
    return root


def rehearses(*drills: str) -> str:
    return "".join(f'\n  Scenario: {n}\n    Given the "{d}" drill in steady state\n' for n, d in enumerate(drills))


def test_every_drill_of_the_project_has_objectives_and_a_place(catalogue: Catalogue) -> None:
    """The catalogue of this very project can be read, and each drill's scenario is where it says."""
    for entry in catalogue.entries:
        path, line = entry.scenario.place.rsplit(":", 1)
        assert "Scenario" in (project_root() / path).read_text().splitlines()[int(line) - 1]
        assert entry.objectives.rto > timedelta(0)


def test_objectives_come_from_the_background(tmp_path: Path) -> None:
    """What the business promised is read from the feature's table."""
    (only,) = read_scenarios(feature(tmp_path, BACKGROUND + rehearses("a-drill")))
    assert (only.drill, only.place) == ("a-drill", "features/database/x.feature:8")
    assert (only.objectives.rto, only.objectives.rpo) == (timedelta(hours=4), timedelta(hours=1))


def test_a_rule_sees_the_background_of_its_feature(tmp_path: Path) -> None:
    """Objectives stated for a whole feature hold for the scenarios of its rules."""
    (only,) = read_scenarios(feature(tmp_path, BACKGROUND + "\n  Rule: R\n" + rehearses("a-drill")))
    assert only.objectives.rto == timedelta(hours=4)


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (rehearses("a-drill"), "states no objectives"),
        (BACKGROUND.replace("4 hours", "soon") + rehearses("a-drill"), "'soon' is not a duration"),
        (BACKGROUND.replace("| RPO | 1 hour  |", "") + rehearses("a-drill"), "no objective for"),
        (
            BACKGROUND.replace("4 hours |", "4 hours | x |").replace("1 hour  |", "1 hour | x |") + rehearses("a"),
            "columns",
        ),
        ("  Scenario: y\n    Given x\n    maybe it rains\n", "not Gherkin"),
    ],
)
def test_a_feature_that_cannot_be_used_is_named_with_its_fault(tmp_path: Path, body: str, told: str) -> None:
    """The error says which file it is, what is wrong, and ends the command with 4."""
    with pytest.raises(UsageError, match=told) as refused:
        list(read_scenarios(feature(tmp_path, body)))
    assert refused.value.message.startswith("features/database/x.feature: ")
    assert refused.value.exit_code == 4


def test_a_feature_that_names_an_unknown_drill_is_refused(tmp_path: Path) -> None:
    """A misspelt name in a feature is an error with a suggestion, never a drill that silently does not run."""
    with pytest.raises(UnknownDrill, match="names an unknown drill, database-promote-replika") as refused:
        load_catalogue(feature(tmp_path, BACKGROUND + rehearses("database-promote-replika")))
    assert "database-promote-replica" in refused.value.hint


def test_a_drill_without_a_scenario_is_refused(tmp_path: Path) -> None:
    """A file in scenarios/ that no feature names would never be rehearsed."""
    with pytest.raises(BadSpec, match="no feature rehearses the drill"):
        load_catalogue(feature(tmp_path, BACKGROUND))


def test_a_drill_with_two_scenarios_is_refused(tmp_path: Path) -> None:
    """Which of the two promises holds?"""
    with pytest.raises(BadSpec, match="has two scenarios"):
        load_catalogue(
            feature(tmp_path, BACKGROUND + rehearses("database-promote-replica", "database-promote-replica"))
        )


def test_no_name_and_no_tag_is_all(catalogue: Catalogue) -> None:
    assert catalogue.choose((), None) == catalogue.entries


def test_a_name_given_twice_runs_once(catalogue: Catalogue) -> None:
    name = catalogue.entries[0].name
    assert [entry.name for entry in catalogue.choose((name, name), None)] == [name]


def test_a_drill_without_the_tag_that_is_asked_for_is_told_from_an_unknown_tag(catalogue: Catalogue) -> None:
    with pytest.raises(UsageError, match="restore-cache does not carry the tag database"):
        catalogue.choose(("restore-cache",), "database")


def test_a_tag_keeps_only_its_drills(catalogue: Catalogue) -> None:
    chosen = catalogue.choose((), "monthly")
    assert chosen
    assert all("monthly" in entry.spec.tags for entry in chosen)


@pytest.mark.parametrize(("names", "tag"), [(("database-promote-replca",), None), ((), "montly")])
def test_what_is_not_there_is_refused_with_the_nearest_name(
    catalogue: Catalogue, names: tuple[str, ...], tag: str | None
) -> None:
    """A misspelt drill or tag must not end as "nothing to do, all well"."""
    with pytest.raises(DrillError) as refused:
        catalogue.choose(names, tag)
    assert refused.value.exit_code == 4
    assert "Did you mean" in refused.value.hint
