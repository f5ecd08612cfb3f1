"""Drawing scorecards: the one place of the harness that knows `reports`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

# render imports it when it draws; whoever imports this module wants that done beforehand
import matplotlib.backends.backend_svg
import matplotlib.figure  # noqa: F401

from reports.render import render, render_run


def draw(bundle: Path) -> Path:
    """Draw a bundle's scorecard beside the bundle, which is sealed, and return the page. Raises EvidenceError."""
    return render(bundle, bundle.with_name(f"{bundle.name}.html"))


def draw_run(bundles: Sequence[Path], out: Path, say: Callable[[str], None]) -> Path | None:
    """Draw the scorecards of a run and return their index; that they cannot be drawn is said, and is no error."""
    if not bundles:
        return None
    try:
        return render_run(bundles, out)
    except Exception as error:  # a boundary: whatever is wrong with a page, the drill's verdict is what it is
        say(f"no scorecard: {type(error).__name__}: {error}")
        return None
