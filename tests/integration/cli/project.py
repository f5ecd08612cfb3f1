"""`drill` on a project of its own: real feature files, rehearsed by a stand-in. `python -m … ROOT ARGUMENTS`."""

from __future__ import annotations

import sys
from pathlib import Path
from unittest.mock import patch

from harness.cli import main, running


def drill_in(root: Path, *arguments: str) -> int:
    """Run `drill` as if `root` were the project."""
    with patch.object(running, "project_root", lambda: root):
        return main(arguments)


if __name__ == "__main__":
    sys.exit(drill_in(Path(sys.argv[1]), *sys.argv[2:]))
