"""Bundles to pages on disk."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote

from harness.errors import UsageError
from harness.evidence import Bundle, load
from harness.facts import DrillStarted
from harness.verdict import Verdict
from reports.scorecard import Page, index, page, page_of, page_without_bundle

ALLURE = "allure-results"
"""The folder of a run's Allure results, beside its index."""


def render(bundle: Path, out: Path) -> Path:
    """Write the scorecard of a bundle to `out` (a file ending in .html, or a folder) and return its path.

    Raises EvidenceError for a bundle that cannot be read, UsageError for a place inside the bundle, which is sealed.
    """
    loaded = load(bundle)
    target = out if out.suffix == ".html" else out / f"{_name(loaded)}.html"
    return _write(loaded, target)


def beside(bundle: Path) -> Path:
    """Where the scorecard of a bundle belongs: the bundle itself is sealed."""
    return bundle.with_name(f"{bundle.name}.html")


def keep(bundle: Path, scorecard: str) -> None:
    """Write a page that is drawn already beside its bundle."""
    fresh = bundle.with_name(f".{bundle.name}.html.tmp")
    fresh.write_text(scorecard, encoding="utf-8")
    fresh.replace(beside(bundle))


@dataclass(frozen=True, slots=True)
class Shown:
    """A drill of a run and the verdict that counts, which may be worse than the sealed one.

    `bundle` is None where there is none, or none that may be believed.
    """

    drill: str
    verdict: Verdict
    bundle: Path | None


def render_run(drills: Sequence[Shown], out: Path, title: str = "Disaster recovery drills") -> Path:
    """Write a scorecard for each bundle and an index.html into the folder `out`; returns the index.

    One that lies there beside its bundle, and is of this very bundle and verdict, was drawn when the drill ended and
    stays. One of a drill whose bundle cannot be believed is removed.
    """
    pages, taken = [], {"index"}
    for drill in drills:
        name = _named(drill.drill)
        number = next(n for n in range(1, len(drills) + 2) if (f"{name}-{n}" if n > 1 else name) not in taken)
        name = f"{name}-{number}" if number > 1 else name
        taken.add(name)
        pages.append(_shown(drill, out / f"{name}.html"))
    target = out / "index.html"
    allure = f"{ALLURE}/" if (out / ALLURE).is_dir() else ""
    target.write_text(index(pages, title, allure), encoding="utf-8")
    return target


def _shown(drill: Shown, target: Path) -> Page:
    """See to it that a drill's page says what the index says, or is not there."""
    if drill.bundle is None:
        target.unlink(missing_ok=True)
        return page_without_bundle(drill.drill, drill.verdict)
    sealed = load(drill.bundle)
    judged = replace(sealed, verdict=drill.verdict)
    if judged.verdict != sealed.verdict or target != beside(drill.bundle) or not _is_of(sealed, target):
        _write(judged, target)
    evidence = os.path.relpath(drill.bundle, target.parent)
    return page_of(quote(target.name), judged, f"{quote(evidence)}/")


def _is_of(bundle: Bundle, drawn: Path) -> bool:
    """Whether a page tells the hash of this bundle's manifest, as every scorecard does."""
    try:
        return bundle.manifest is not None and bundle.manifest.hash in drawn.read_text(encoding="utf-8")
    except (OSError, ValueError):
        return False


def _name(bundle: Bundle) -> str:
    started = bundle.record.first(DrillStarted)
    return _named(started.drill if started else bundle.folder.name)


def _named(drill: str) -> str:
    return re.sub(r"[^\w.-]+", "-", drill).strip("-.") or "drill"


def _write(bundle: Bundle, target: Path) -> Path:
    if target.resolve().is_relative_to(bundle.folder.resolve()):
        raise UsageError(f"{target} is inside the sealed bundle", hint="Write the scorecard beside it.")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(page(bundle), encoding="utf-8")
    return target
