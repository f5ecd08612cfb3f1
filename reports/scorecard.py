"""One self-contained page a drill, and one for a run of several: no scripts, no network, light, dark and on paper."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from harness.evidence import Bundle
from harness.objectives import Outcome, overall
from harness.verdict import Verdict
from reports import timeline
from reports.bars import Objective
from reports.card import card
from reports.words import GLYPHS, MEANINGS, duration

TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True, slots=True)
class Page:
    """A drill on the index, and where its page lies beside that; one whose evidence counts for nothing has none."""

    href: str
    title: str
    outcome: Outcome
    says: str
    objectives: tuple[Objective, ...]


def page_of(href: str, bundle: Bundle) -> Page:
    """The drill of a bundle, by the verdict that the bundle is given."""
    told = card(bundle)
    return Page(href, told.title, told.outcome, told.says, told.objectives)


def page_without_bundle(drill: str, verdict: Verdict) -> Page:
    """A drill of which only the verdict is known."""
    return Page("", drill, verdict.outcome, "; ".join(finding.detail for finding in verdict.findings), ())


@cache
def _templates() -> Environment:
    templates = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined)
    templates.globals |= {
        "glyphs": GLYPHS,
        "meanings": MEANINGS,
        "duration": duration,
        "css": Markup((TEMPLATES / "style.css").read_text(encoding="utf-8")),  # noqa: S704 our own file
    }
    return templates


def page(bundle: Bundle, picture: str = "") -> str:
    """The scorecard of a drill as HTML. Whatever the bundle says is text; nothing of it can become markup.

    `picture` is what `timeline.svg` gave, where the caller has it: drawing takes most of the time.
    """
    drawn = Markup(picture or timeline.svg(bundle))  # noqa: S704 matplotlib escapes every text
    return _templates().get_template("scorecard.html.j2").render(c=card(bundle), picture=drawn)


def index(pages: Sequence[Page], title: str) -> str:
    """The front page of a run: each drill with its verdict and its two figures; the worst verdict is the run's."""
    outcome = overall(page.outcome for page in pages)
    tally = {which: sum(page.outcome is which for page in pages) for which in Outcome}
    names = next((tuple(one.name for one in page.objectives) for page in pages if page.objectives), ())
    said = {"pages": pages, "title": title, "outcome": outcome, "tally": tally, "names": names}
    return _templates().get_template("index.html.j2").render(said)
