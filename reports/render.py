"""Bundles to pages on disk."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

from harness.errors import UsageError
from harness.evidence import Bundle, load
from harness.evidence.manifest import NAME as MANIFEST
from harness.facts import DrillStarted
from reports.card import card
from reports.scorecard import Page, index, page


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


def render_run(bundles: Sequence[Path], out: Path, title: str = "Disaster recovery drills") -> Path:
    """Write a scorecard for each bundle and an index.html into the folder `out`; returns the index.

    One that lies there beside its bundle, and is no older than the seal, was drawn when the drill ended and stays.
    """
    pages, taken = [], {"index"}
    for bundle in bundles:
        loaded = load(bundle)
        name = _name(loaded)
        number = next(n for n in range(1, len(bundles) + 2) if (f"{name}-{n}" if n > 1 else name) not in taken)
        name = f"{name}-{number}" if number > 1 else name
        taken.add(name)
        if not (out / f"{name}.html" == beside(bundle) and _is_drawn(bundle)):
            _write(loaded, out / f"{name}.html")
        pages.append(Page(f"{quote(name)}.html", card(loaded)))
    target = out / "index.html"
    target.write_text(index(pages, title), encoding="utf-8")
    return target


def _is_drawn(bundle: Path) -> bool:
    try:
        return beside(bundle).stat().st_mtime_ns >= (bundle / MANIFEST).stat().st_mtime_ns
    except OSError:
        return False


def _name(bundle: Bundle) -> str:
    started = bundle.record.first(DrillStarted)
    return re.sub(r"[^\w.-]+", "-", started.drill if started else bundle.folder.name).strip("-.") or "drill"


def _write(bundle: Bundle, target: Path) -> Path:
    if target.resolve().is_relative_to(bundle.folder.resolve()):
        raise UsageError(f"{target} is inside the sealed bundle", hint="Write the scorecard beside it.")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(page(bundle), encoding="utf-8")
    return target
