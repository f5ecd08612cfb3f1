"""Drawing scorecards: the one place of the harness that knows `reports`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from reports.render import Shown, beside, render, render_run

__all__ = ["Shown", "draw", "draw_run"]


def draw(bundle: Path) -> Path:
    """Draw a bundle's scorecard beside the bundle, which is sealed, and return the page. Raises EvidenceError."""
    return render(bundle, beside(bundle))


def draw_run(drills: Sequence[Shown], out: Path, say: Callable[[str], None]) -> Path | None:
    """Draw the scorecards that a run's drills did not draw themselves, and return the index.

    That they cannot be drawn is said, and is no error.
    """
    try:
        return render_run(drills, out)
    except Exception as error:  # a boundary: whatever is wrong with a page, the drill's verdict is what it is
        say(f"no scorecard: {type(error).__name__}: {error}")
        return None
