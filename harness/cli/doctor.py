"""`drill doctor`: what this machine offers to a drill, what is missing, and what to do about it. Changes nothing."""

from __future__ import annotations

import json
from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from harness.cli import project_checks
from harness.cli.checks import Check, State, examine_machine
from harness.cli.console import console_for
from harness.cli.project import project_root

SCHEMA = 1
_STYLES = {
    State.OK: "green",
    State.NOTE: "yellow",
    State.ABSENT: "dim",
    State.MISSING: "bold red",
    State.WRONG: "bold red",
}


def examine(*, as_json: bool) -> int:
    """Print every check. Returns 0 when a drill can run here, else 2."""
    root = project_root()
    config, first = project_checks.settings(root)
    checks = (first, project_checks.estate(config), project_checks.drills(root), *examine_machine(config))
    ready = can_run(checks)
    if as_json:
        found = [{"name": c.name, "state": str(c.state), "detail": c.detail, "remedy": c.remedy} for c in checks]
        print(json.dumps({"schema": SCHEMA, "ready": ready, "checks": found}))
    else:
        _show(checks, ready=ready)
    return 0 if ready else 2


def can_run(checks: Sequence[Check]) -> bool:
    """Whether nothing that a drill needs is missing or wrong."""
    return not any(check.state in {State.MISSING, State.WRONG} for check in checks)


def _show(checks: Sequence[Check], *, ready: bool) -> None:
    console = console_for()
    table = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for check in checks:
        detail = check.detail if check.state is State.OK or not check.remedy else f"{check.detail}\n→ {check.remedy}"
        table.add_row(Text(str(check.state), style=_STYLES[check.state]), check.name, Text(detail))
    console.print(table)
    console.print("a drill can run here" if ready else Text("no drill can run here", style="bold red"))
