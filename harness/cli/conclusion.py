"""The end of a run: bundles read, scorecards drawn, the result told.

Importing this takes a second (numpy, matplotlib). `running` does it while the last estate is being taken down, when
nothing is measured any more.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.text import Text

from harness.cli import results, summary
from harness.cli.catalogue import Entry
from harness.cli.rehearsal import Rehearsal, Terms
from harness.cli.scorecards import draw_run
from harness.machines.processes import tail


def conclude(
    terms: Terms, entries: Sequence[Entry], rehearsals: Sequence[Rehearsal], console: Console, *, as_json: bool
) -> int:
    """Tell how the drills of a run ended and return the exit code."""
    ended = _collect(terms, entries, rehearsals)
    bundles = [result.bundle for result in ended if result.bundle]
    scorecards = draw_run(bundles, terms.out, lambda text: console.print(Text(text), soft_wrap=True))
    if as_json:
        print(json.dumps(results.as_json(ended)), flush=True)
    for log in _logs_of_the_silent(ended, rehearsals):
        console.print(Text(f"{log} ends with:\n{tail(log)}"), soft_wrap=True)
    summary.show(console, ended, scorecards, terms.out)
    return results.exit_code(ended)


def _collect(terms: Terms, entries: Sequence[Entry], rehearsals: Sequence[Rehearsal]) -> list[results.Result]:
    by_drill = {drill: one for one in rehearsals for drill in one.drills}
    where = {"environment": terms.environment, "operator": terms.operator}
    ended = []
    for entry in entries:
        pytest = by_drill[entry.name]
        why = f"pytest ended with {pytest.process.returncode}, its output is in {pytest.log}"
        ended.append(results.collect(entry, terms.out / entry.name, why=why, **where))
    return ended


def _logs_of_the_silent(ended: Sequence[results.Result], rehearsals: Sequence[Rehearsal]) -> list[Path]:
    """What pytest said where a drill left no evidence."""
    silent = {result.drill for result in ended if result.bundle is None}
    return [one.log for one in rehearsals if silent & set(one.drills)]
