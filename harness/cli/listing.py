"""`drill list`: the catalogue for people and for pipelines."""

from __future__ import annotations

import json
from typing import Any

from rich.table import Table

from harness.cli.catalogue import Entry, load_catalogue
from harness.cli.console import console_for
from harness.cli.project import project_root, read_settings
from harness.cli.words import duration
from harness.estate import load_estate

SCHEMA = 1


def show(tag: str | None, *, as_json: bool) -> None:
    """Print the drills that carry the tag. Raises UsageError when none does, or when settings or estate are no good."""
    root = project_root()
    load_estate(read_settings(root).estate)
    entries = load_catalogue(root).choose((), tag)
    if as_json:
        print(json.dumps({"schema": SCHEMA, "drills": [entry_json(entry) for entry in entries]}))
        return
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for heading in ("drill", "severity", "RTO", "RPO", "tags", "known gap", "what happens"):
        table.add_column(heading, no_wrap=heading == "drill")
    for entry in entries:
        spec, promised, gap = entry.spec, entry.objectives, entry.spec.known_gap
        known = f"{gap.finding} of {duration(gap.at_most)} (review {gap.review})" if gap else ""
        figures = duration(promised.rto if spec.times_recovery else None), duration(promised.rpo)
        table.add_row(spec.name, spec.severity, *figures, " ".join(spec.tags), known, spec.title)
    console_for().print(table)


def entry_json(entry: Entry) -> dict[str, Any]:
    """A drill of the catalogue as pipelines read it."""
    spec, promised, gap = entry.spec, entry.objectives, entry.spec.known_gap
    return {
        "name": spec.name,
        "title": spec.title,
        "severity": spec.severity,
        "tags": list(spec.tags),
        "runbook": spec.runbook,
        "feature": entry.scenario.place,
        "objectives": {
            "rto_seconds": promised.rto.total_seconds() if spec.times_recovery else None,
            "rpo_seconds": promised.rpo.total_seconds(),
            "availability": round(promised.availability, 6),
        },
        "known_gap": {
            "finding": gap.finding,
            "at_most_seconds": gap.at_most.total_seconds(),
            "review": gap.review.isoformat(),
            "why": gap.why,
        }
        if gap
        else None,
    }
