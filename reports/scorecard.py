"""One self-contained page a drill, and one for a run of several: no scripts, no network, light, dark and on paper."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from harness.evidence import Bundle
from harness.objectives import Outcome, overall
from harness.verdict import Verdict
from reports import timeline
from reports.bars import Objective
from reports.card import card
from reports.templating import template


@dataclass(frozen=True, slots=True)
class Page:
    """A drill on the index, and where its page lies beside that; one whose evidence counts for nothing has none."""

    href: str
    title: str
    outcome: Outcome
    says: str
    objectives: tuple[Objective, ...]
    terms: tuple[tuple[str, str], ...] = ()
    ran_on: str = ""
    evidence: str = ""
    """Where its bundle lies beside the index."""


TERMS = ("Began", "Run", "Environment", "Operator", "Pace")
"""What the index tells of a drill, of what heads its own page."""


def page_of(href: str, bundle: Bundle, evidence: str = "") -> Page:
    """The drill of a bundle, by the verdict that the bundle is given."""
    told = card(bundle)
    terms = tuple((name, value) for name, value in told.facts if name in TERMS)
    says = f"{told.says} Declared gap: {told.known_gap}" if told.known_gap else told.says
    return Page(href, told.title, told.outcome, says, told.objectives, terms, told.ran_on, evidence)


def page_without_bundle(drill: str, verdict: Verdict) -> Page:
    """A drill of which only the verdict is known."""
    return Page("", drill, verdict.outcome, "; ".join(finding.detail for finding in verdict.findings), ())


def page(bundle: Bundle) -> str:
    """The scorecard of a drill as HTML. Whatever the bundle says is text; nothing of it can become markup."""
    drawn = Markup(timeline.svg(bundle))  # noqa: S704 its template escapes every text
    return template("scorecard.html.j2").render(c=card(bundle), picture=drawn)


def index(pages: Sequence[Page], title: str, allure: str = "") -> str:
    """The front page of a run: each drill with its verdict and its two figures; the worst verdict is the run's.

    `allure` is where the run's Allure results lie beside it.
    """
    outcome = overall(page.outcome for page in pages)
    tally = {which: sum(page.outcome is which for page in pages) for which in Outcome}
    names = next((tuple(one.name for one in page.objectives) for page in pages if page.objectives), ())
    said = {"pages": pages, "title": title, "outcome": outcome, "tally": tally, "names": names}
    told = [dict(one.terms) for one in pages]
    terms = {name: words for name in TERMS if (words := _together(told, name))}
    said |= {"terms": terms, "allure": allure, "ran_on": dict.fromkeys(one.ran_on for one in pages if one.ran_on)}
    return template("index.html.j2").render(said)


def _together(drills: Sequence[dict[str, str]], name: str) -> str:
    """A term of all drills: their different values in order; of when they began, the first and the last."""
    values = list(dict.fromkeys(drill[name] for drill in drills if name in drill))
    if name == "Began" and len(values) > 1:
        return f"{min(values)} – {max(values)}"
    return ", ".join(values)
