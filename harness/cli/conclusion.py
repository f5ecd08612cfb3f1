"""The end of a run: bundles read, scorecards completed, the result told.

Importing this takes a while (numpy, the templates). `running` does it while the last estate is being taken down, when
nothing is measured any more. The scorecards themselves are drawn by the drills; only those of dead ones are missing.
"""

from __future__ import annotations

import json
import signal
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.text import Text

from harness.cli import own_terms, results, summary
from harness.cli.catalogue import Entry
from harness.cli.console import put
from harness.cli.rehearsal import Rehearsal, Terms
from harness.cli.scorecards import Shown, draw_run
from harness.cli.stopping import INTERRUPTED
from harness.errors import DiskFull, UsageError
from harness.estate import Estate
from harness.machines.disk import has_no_room
from harness.machines.processes import tail


class Conclusion:
    """Of one run, once every pytest has ended."""

    def __init__(self, terms: Terms, entries: Sequence[Entry], estate: Estate, console: Console) -> None:
        self._terms, self._entries, self._estate, self._console = terms, entries, estate, console

    def tell(self, rehearsals: Sequence[Rehearsal], ended: Sequence[results.Result], *, as_json: bool) -> int:
        """Tell how the drills ended and return the exit code."""
        shown = [Shown(one.drill, one.verdict, one.bundle if one.whole else None) for one in ended]
        scorecards = draw_run(shown, self._terms.out, self._say)
        if as_json:
            put(json.dumps(results.as_json(ended)))
        for log in _logs_of_the_silent(ended, rehearsals):
            self._say(f"{log} ends with:\n{tail(log) or '(it is empty)'}")
        if has_no_room(self._terms.out):
            fact = f"disk full: no room is left in {self._terms.out}"
            self._say(str(DiskFull(fact, hint="Free some, or choose a roomier --out or DRILL_OUT_DIR.")))
        summary.show(self._console, ended, scorecards, self._terms.out)
        return results.exit_code(ended)

    def collect(self, rehearsals: Sequence[Rehearsal], work_dir: Path) -> list[results.Result]:
        """How the drills ended; what dead ones left in `work_dir` becomes part of their evidence."""
        by_drill = {drill: one for one in rehearsals for drill in one.drills}
        where = {"environment": self._terms.environment, "operator": self._terms.operator}
        ended = []
        for entry in self._entries:
            pytest = by_drill[entry.name]
            ending = _ending(pytest)
            folder = self._terms.out / entry.name
            specified = partial(own_terms.as_specified, entry, self._estate)
            result = results.collect(entry, folder, work_dir=work_dir, ending=ending, specified=specified, **where)
            if result.bundle is None and ending.code == UsageError.exit_code:  # pytest's own code for that is the same
                result = replace(result, problems=frozenset({ending.code}))
            ended.append(result)
        return ended

    def _say(self, text: str) -> None:
        self._console.print(Text(text), soft_wrap=True)


def _ending(pytest: Rehearsal) -> results.Ending:
    """How a pytest ended. One that was told to stop did not end of itself, whatever it says: its word is no pass."""
    code = pytest.process.returncode
    if has_no_room(pytest.log.parent):
        return results.Ending(code, f"disk full: no room is left in {pytest.log.parent}")
    if pytest.told_to_stop and code >= 0:
        why = "it was told to stop before its scenario had come to its own end"
        return results.Ending(INTERRUPTED, f"{why}, its output is in {pytest.log}")
    return results.Ending(code, f"{_in_words(code)}, its output is in {pytest.log}")


def _in_words(code: int) -> str:
    """What became of a pytest; a second Ctrl-C ends it with SIGKILL, and one before it has begun with SIGINT."""
    if code == -signal.SIGINT:
        return "interrupted by the user before it had begun"
    if code == -signal.SIGKILL:
        return "pytest was killed"
    return f"pytest ended with {code}"


def _logs_of_the_silent(ended: Sequence[results.Result], rehearsals: Sequence[Rehearsal]) -> list[Path]:
    """What pytest said where a drill left no evidence."""
    silent = {result.drill for result in ended if result.bundle is None}
    return [one.log for one in rehearsals if silent & set(one.drills)]
