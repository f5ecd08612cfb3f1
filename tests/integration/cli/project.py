"""`drill` on a project of its own: real feature files, rehearsed by a stand-in. `python -m … ROOT ARGUMENTS`."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

from harness.cli import main, own_terms, running
from harness.cli.catalogue import Entry
from harness.estate import Estate
from harness.facts import DrillStarted


def drill_in(root: Path) -> int:
    """Run `drill` on the process's own command line, as if `root` were the project."""
    with patch.object(running, "project_root", lambda: root), patch.object(own_terms, "as_specified", _as_told):
        return main()


def _as_told(entry: Entry, _: Estate, told: DrillStarted) -> DrillStarted:
    """A story's terms are its own, but for what was promised."""
    spec, promised = entry.spec, replace(told.objectives, rto=entry.objectives.rto, rpo=entry.objectives.rpo)
    return replace(told, objectives=promised, rehearsal_rto=spec.rehearsal_rto, rehearsal_rpo=spec.rehearsal_rpo)


if __name__ == "__main__":
    sys.exit(drill_in(Path(sys.argv.pop(1))))
