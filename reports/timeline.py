"""The picture of a drill: parts of the recovery time, steps, and what each client got, on one axis.

matplotlib is imported when a picture is drawn, never before, and without pyplot: nothing global is touched.
"""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from reports.lanes import ROWS, Judged, Lanes, Mark, labels, lanes
from reports.words import shortened

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK, MUTED, LINE = "#1d2733", "#5b6776", "#d7dde4"
GOOD, BAD, SHADE = "#0069a8", "#c94f0a", "#fbe6d9"
PARTS = {"detect": "#7b54b8", "decide": "#a87400", "execute": "#0f5fa6", "redirect": "#007a6e", "verify": "#596575"}
VARIABLES = {INK: "ink", MUTED: "muted", LINE: "line", GOOD: "good", BAD: "bad", SHADE: "shade"} | {
    colour: f"part-{part}" for part, colour in PARTS.items()
}
"""Every colour of the picture and the style variable that stands for it on the scorecard, light or dark."""
MOST_STEPS = 14
_RC: Any = {
    "font.family": "DejaVu Sans",
    "text.parse_math": False,
    "hatch.linewidth": 0.6,
    "svg.fonttype": "none",
    "svg.hashsalt": "timeline",
}
"""The font that comes with matplotlib, dollar signs as they are, and the same ids for the same picture."""


def svg(drill: Judged) -> str:
    """The picture as one SVG element for a page: no references, text as text, colours as the page's style variables.

    Where nothing was struck it is a line of text.
    """
    return drawn(lanes(drill))


def drawn(picture: Lanes | None) -> str:
    """The same of a picture whose numbers are there already."""
    target = io.StringIO()
    with _style():
        _figure(picture).savefig(target, format="svg", transparent=True, metadata={"Date": None})
    return _inline(target.getvalue())


def alone(element: str) -> str:
    """What `svg` gave as a file of its own: on white, in its own colours and font."""
    for colour, name in VARIABLES.items():
        element = element.replace(f"var(--{name})", colour)
    own = 'xmlns="http://www.w3.org/2000/svg" font-family="DejaVu Sans, Verdana, sans-serif" style="background: white"'
    return element.replace("<svg ", f"<svg {own} ", 1).replace('aria-labelledby="timeline-says"', "", 1)


def _inline(document: str) -> str:
    """The bare element: no prologue, metadata, fonts or names, coordinates to a tenth, colours as variables."""
    element = document[document.index("<svg") :]
    for pattern, text in (
        (r"<metadata>.*?</metadata>|<style.*?</style>", ""),
        (r"<svg [^>]*?viewBox=\"([^\"]*)\"[^>]*>", r'<svg viewBox="\1" role="img" aria-labelledby="timeline-says">'),
        (r' id="[a-z0-9.]+_\d+"', ""),
        (r"font-family: [^;\"]*; ", ""),
        (r"\s*\n\s*", "\n"),
        (r"<g\s*/>\n", ""),
        (r"([MLz0-9]) ?\n(?=[LMz\"])", r"\1"),
        (r" transform=\"rotate\(-0[^\"]*\"", ""),
    ):
        element = re.sub(pattern, text, element, flags=re.DOTALL)
    element = re.sub(r"<[^>]*>", _rounded, element).replace("xlink:href", "href")
    for colour, name in VARIABLES.items():
        element = element.replace(colour, f"var(--{name})")
    return element.strip()


def _rounded(tag: re.Match[str]) -> str:
    return re.sub(r"(?<=\d)\.(\d)\d+", r".\1", tag[0])


@contextmanager
def _style() -> Iterator[None]:
    """Ours for one picture. A character that the font lacks is drawn as a box; that is no reason to warn."""
    import matplotlib as mpl

    with warnings.catch_warnings(), mpl.rc_context(rc=_RC):
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        yield


def _figure(picture: Lanes | None) -> Figure:
    from matplotlib.figure import Figure

    if picture is None:
        return _nothing(Figure(figsize=(10.4, 0.8)))
    steps = min(len(picture.steps), MOST_STEPS) + (len(picture.steps) > MOST_STEPS)
    heights = [1.2, *([0.25 * steps + 0.1] if steps else []), 0.42 * max(1, len(picture.clients)) + 0.1]
    whole = sum(heights) + 0.75
    figure = Figure(figsize=(10.4, whole))
    edges = {"left": 0.235, "right": 0.985, "top": 1 - 0.1 / whole, "bottom": 0.5 / whole}
    grid = figure.add_gridspec(len(heights), 1, height_ratios=heights, hspace=0.07, **edges)
    axes: list[Axes] = []
    for row in range(len(heights)):
        axes.append(figure.add_subplot(grid[row], sharex=axes[0] if axes else None))
        _frame(axes[-1], picture)
    _draw_parts(axes[0], picture)
    for below in axes[1:]:
        _draw_marks(below, picture.marks)
    if steps:
        _draw_steps(axes[1], picture)
    _draw_clients(axes[-1], picture)
    return figure


def _nothing(figure: Figure) -> Figure:
    figure.text(0.5, 0.5, "nothing was struck, so there is no time to show", ha="center", va="center", color=MUTED)
    return figure


def _frame(axes: Axes, picture: Lanes) -> None:
    """The axis that all lanes share, and the outage as a shade."""
    axes.set_xlim(picture.begin, picture.end)
    for side in axes.spines.values():
        side.set_visible(False)
    axes.tick_params(length=0, labelsize=8.5, labelcolor=MUTED, labelbottom=False)
    axes.grid(axis="x", color=LINE, linewidth=0.6)
    axes.set_axisbelow(True)
    if picture.outage:
        axes.axvspan(picture.outage[0], picture.outage[1] or picture.end, facecolor=SHADE, edgecolor="none", zorder=0.1)


def _draw_marks(axes: Axes, marks: Iterable[Mark], top: float = 1.0) -> None:
    """Lines across the lanes, up to `top` (a share of the height) in the one that holds their labels."""
    for mark in marks:
        if mark.weighty:
            axes.axvline(mark.at, 0, top, color=INK, linewidth=1.2, zorder=2.5)
        else:
            axes.axvline(mark.at, 0, top, color=MUTED, linewidth=0.8, linestyle=(0, (3, 2)), zorder=2.5)


def _draw_parts(axes: Axes, picture: Lanes) -> None:
    axes.set_ylim(0, ROWS + 1.3)
    axes.set_yticks([0.5], ["recovery time"])
    axes.tick_params(axis="y", labelcolor=INK)
    whole = picture.end - picture.begin
    for bar in picture.parts:
        axes.barh(0.5, bar.end - bar.begin, left=bar.begin, height=0.95, color=PARTS.get(bar.part, MUTED), zorder=3)
        if bar.end - bar.begin > 0.011 * len(bar.name) * whole:
            centre = (bar.begin + bar.end) / 2
            axes.text(centre, 0.47, bar.name, ha="center", va="center", color="white", fontsize=8, zorder=4)
    for label in labels(picture):
        height = ROWS + 0.85 - label.row
        _draw_marks(axes, [label.mark], top=(height + 0.35) / (ROWS + 1.3))
        style: dict[str, Any] = {"fontweight": "bold", "color": INK} if label.mark.weighty else {"color": MUTED}
        gap, side = (-0.006, "right") if label.leftwards else (0.006, "left")
        axes.text(label.mark.at + gap * whole, height, label.text, ha=side, va="center", fontsize=8, zorder=4, **style)


def _draw_steps(axes: Axes, picture: Lanes) -> None:
    shown = picture.steps[:MOST_STEPS]
    names = [shortened(step.name, 34) for step in shown]
    if len(picture.steps) > MOST_STEPS:
        names.append(f"and {len(picture.steps) - MOST_STEPS} more steps")
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.set_yticks(range(len(names)), names)
    axes.tick_params(axis="y", labelcolor=INK)
    for row, step in enumerate(shown):
        length = max(step.end - step.begin, 0.003 * (picture.end - picture.begin))
        style: dict[str, Any] = {} if step.ok else {"hatch": "////", "edgecolor": BAD, "linewidth": 1.2}
        axes.barh(row, length, left=step.begin, height=0.62, color=PARTS.get(step.part, MUTED), zorder=2, **style)


def _draw_clients(axes: Axes, picture: Lanes) -> None:
    axes.set_ylim(len(picture.clients) or 1, 0)
    axes.set_yticks(
        [row + 0.55 for row in range(len(picture.clients))], [shortened(c.client, 34) for c in picture.clients]
    )
    axes.tick_params(axis="y", labelcolor=INK)
    for row, client in enumerate(picture.clients):
        base = row + 0.95
        top = base - 0.8 * client.good
        axes.stairs(top, client.edges, baseline=base, fill=True, color=GOOD, linewidth=0, zorder=2)
        style: dict[str, Any] = {"facecolor": BAD, "edgecolor": "white", "hatch": "////", "linewidth": 0}
        axes.stairs(top - 0.8 * client.bad, client.edges, baseline=top, fill=True, zorder=2, **style)
    axes.tick_params(axis="x", labelbottom=True)
    axes.set_xlabel("seconds from the strike", fontsize=8.5, color=MUTED, labelpad=3)
