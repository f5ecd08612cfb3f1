"""`drill` on a project of its own: real feature files, rehearsed by a stand-in. `python -m … ROOT ARGUMENTS`."""

from __future__ import annotations

import sys
from pathlib import Path
from unittest.mock import patch

from harness.cli import main, running


def drill_in(root: Path) -> int:
    """Run `drill` on the process's own command line, as if `root` were the project."""
    with patch.object(running, "project_root", lambda: root):
        return main()


if __name__ == "__main__":
    sys.exit(drill_in(Path(sys.argv.pop(1))))
