"""Every shape of drill has a page that tells of that drill: of its own ledgers, its own time and its own exposure."""

from __future__ import annotations

import pytest

from harness.evidence import Bundle, rejudge, require_same
from harness.objectives import Outcome
from reports.bars import objectives
from reports.card import Card, card
from reports.scorecard import page
from reports.tables import Ledger
from steps.prepare import spec_named
from tests.golden.story import CACHE, PASS, STORIES, WITNESS, Story, sealed, terms


@pytest.fixture(scope="module")
def bundles(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Bundle]:
    folder = tmp_path_factory.mktemp("bundles")
    return {name: sealed(folder / name, story) for name, story in STORIES.items()}


def fates(ledger: Ledger) -> dict[str, int]:
    return {fate.what: fate.number for fate in ledger.fates}


@pytest.mark.parametrize("name", STORIES)
def test_a_page_and_its_bundle_tell_of_one_drill(bundles: dict[str, Bundle], name: str) -> None:
    """The RPO's own numbers head the tables of fates, and the bundle is what its events and ledgers give."""
    bundle = bundles[name]
    shown, rpo = card(bundle), bundle.verdict.rpo
    assert rpo is not None
    first = fates(shown.ledgers[0])

    require_same(bundle)
    assert rejudge(bundle.folder) == bundle.verdict
    assert (first["acknowledged and lost"], first["acknowledged and kept"]) == (rpo.lost, rpo.acknowledged - rpo.lost)
    assert shown.title in {story.title for story in STORIES.values()}
    assert "<footer>" in page(bundle)


def test_where_a_cache_was_struck_both_ledgers_are_shown_each_by_its_name(bundles: dict[str, Bundle]) -> None:
    text = page(bundles["cache"])
    cache, database = card(bundles["cache"]).ledgers

    assert fates(cache)["acknowledged and lost"] == CACHE.lost
    assert fates(database)["acknowledged and lost"] == 0
    assert "The fate of every write into the cache" in text
    assert cache.says in text
    assert "The fate of every write into the database" in text
    assert database.says in text


def test_where_nothing_was_struck_no_time_counts_from_a_strike(bundles: dict[str, Bundle]) -> None:
    """Steps come within the seconds that the drill took, not hours after the host was started."""
    shown: Card = card(bundles["witness"])

    assert "from the strike" not in page(bundles["witness"])
    assert [step.after for step in shown.steps] == ["9.51 s", "11.11 s", "12.71 s", "14.3 s"]
    assert "from the start" not in page(bundles["pass"])


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("pass", "Exposed by replication to labelmintit-production-db-read-replica, as measured in the rehearsal"),
        ("cache", "Exposed by snapshots of labelmintit-production-redis-enhanced, as AWS publishes it"),
        ("witness", "Exposed by backup plan of labelmintit-production-db-enhanced, as set"),
    ],
)
def test_what_exposes_data_is_told_with_its_basis(bundles: dict[str, Bundle], name: str, words: str) -> None:
    assert objectives(bundles[name])[-1].bars[-1].what == words


@pytest.mark.parametrize("name", ["cache", "witness"])
def test_the_known_gap_is_all_that_is_wrong(bundles: dict[str, Bundle], name: str) -> None:
    """Else the stories would not be of drills that can be."""
    verdict = bundles[name].verdict

    assert [finding.name for finding in verdict.findings if finding.outcome is not Outcome.PASS] == ["RPO"]
    assert verdict.effective is Outcome.PASS


@pytest.mark.parametrize("story", [PASS, CACHE, WITNESS], ids=lambda story: story.drill)
def test_a_story_is_of_a_drill_that_there_is(story: Story) -> None:
    told, spec = terms(story), spec_named(story.drill)

    assert told.fault == (type(spec.fault).__name__ if spec.fault else "")
    assert told.procedure == type(spec.procedure).__name__
    assert told.recovers_to[0] == spec.recovers_to[0].value
    if story is not PASS:
        assert (told.title, told.runbook) == (spec.title, spec.runbook)
        assert told.planned_steps == tuple(step.name for step in spec.procedure.steps())
