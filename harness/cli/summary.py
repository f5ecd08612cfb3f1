"""The end of a run for people: a table of figures, then each finding that is not a pass, then where everything is."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from harness.cli import words
from harness.cli.results import Result
from harness.facts import WHOLE_DRILL
from harness.objectives import Outcome
from harness.verdict import Finding, Verdict

STYLES = {Outcome.PASS: "bold green", Outcome.INCONCLUSIVE: "bold yellow", Outcome.FAIL: "bold red"}


def show(console: Console, results: Sequence[Result], scorecards: Path | None, out: Path) -> None:
    """Print the summary of a run."""
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for heading in ("verdict", "drill", "RTO", "RPO"):
        table.add_column(heading, no_wrap=heading == "drill", overflow="fold")
    for result in results:
        table.add_row(verdict_word(result.verdict), result.drill, words.rto(result), words.rpo(result))
    console.print()
    console.print(table)
    console.print()
    for result in results:
        show_findings(console, result.drill, result.verdict)
    places = [("evidence", result.bundle) for result in results] + [("scorecard", scorecards)]
    for what, path in (*places, ("allure", out / "allure-results")):
        if path and path.exists():
            _line(console, Text(f"{what:<10} {path}"))


def show_findings(console: Console, drill: str, verdict: Verdict) -> None:
    """Print the findings that are not a pass, and what became of a known gap."""
    bad = [finding for finding in verdict.findings if finding.outcome is not Outcome.PASS]
    told = without_consequences(bad)
    for finding in told:
        _line(console, finding_text(drill, finding))
    if hidden := len(bad) - len(told):
        _line(console, Text(f"{'':12} +{hidden} that follow from it; the scorecard holds them all", style="dim"))
    if verdict.known_gap:
        _line(console, Text(f"{drill}: the known gap {verdict.known_gap.finding} is {verdict.known_gap.status}"))


def without_consequences(bad: Sequence[Finding]) -> list[Finding]:
    """Of a drill that ended before its time, the reason and what failed: all that is in doubt follows from that."""
    harness = next((finding for finding in bad if finding.name == "harness"), None)
    if harness is None or not any(said.startswith(f"{WHOLE_DRILL}: ") for said in harness.detail.split("; ")):
        return list(bad)
    return [finding for finding in bad if finding is harness or finding.outcome is not Outcome.INCONCLUSIVE]


def verdict_word(verdict: Verdict) -> Text:
    return Text(verdict.outcome.name, style=STYLES[verdict.outcome])


def finding_text(drill: str, finding: Finding) -> Text:
    return Text.assemble((finding.outcome.name, STYLES[finding.outcome]), f" {drill}: {finding.name}: {finding.detail}")


def _line(console: Console, text: Text) -> None:
    console.print(text, soft_wrap=True)
