"""The picture of a drill: parts of the recovery time, steps, and what each client got, on one axis.

This module says where everything stands, in units of the picture; `templates/timeline.svg.j2` draws it there.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby, pairwise

from reports.lanes import ROWS, Bar, Density, Judged, Label, Lanes, labels, lanes
from reports.templating import template
from reports.words import shortened

COLOURS = {
    "ink": "#1d2733", "muted": "#5b6776", "line": "#d7dde4", "good": "#0069a8", "bad": "#c94f0a", "shade": "#fbe6d9",
    "part-detect": "#7b54b8", "part-decide": "#a87400", "part-execute": "#0f5fa6", "part-redirect": "#007a6e",
    "part-verify": "#596575",
}  # fmt: skip
"""The page's style variables that a picture speaks in, and what they are where there is no page."""
MOST_STEPS = 14
_WIDTH, _LEFT, _RIGHT = 750.0, 176.0, 738.0
_TOP, _GAP, _AXIS = 8.0, 6.0, 34.0
_ROW, _BAR, _STEP, _CLIENT = 15.0, 16.0, 18.0, 30.0
_TICKS = 12
"""There are at most so many."""
_CHARACTER = 4.6
_NAME = 34
"""Characters of a name at the left edge."""


def svg(drill: Judged) -> str:
    """The picture as one SVG element for a page: no references, text as text, colours as the page's style variables.

    Where nothing was struck it is a line of text.
    """
    picture = lanes(drill)
    return template("timeline.svg.j2").render(chart=None if picture is None else Chart(picture)).strip()


def alone(element: str) -> str:
    """What `svg` gave as a file of its own: on white, in its own colours and font."""
    for name, colour in COLOURS.items():
        element = element.replace(f"var(--{name})", colour)
    own = 'xmlns="http://www.w3.org/2000/svg" font-family="Verdana, DejaVu Sans, sans-serif" style="background: white"'
    return element.replace("<svg ", f"<svg {own} ", 1).replace('aria-labelledby="timeline-says"', "", 1)


@dataclass(frozen=True, slots=True)
class Lane:
    """A bar or a client's density and where its row begins; a `name` alone stands for what found no place."""

    y: float
    name: str
    bar: Bar | None = None
    served: str = ""
    unserved: str = ""
    """Outlines of what went well and of what did not, stacked, as SVG paths."""


class Chart:
    """Where the parts of a picture stand: from top to bottom the recovery time, the steps, the clients, the axis."""

    width, left, right, top, bar = _WIDTH, _LEFT, _RIGHT, _TOP, _BAR

    def __init__(self, picture: Lanes) -> None:
        self.picture = picture

    def x(self, seconds: float) -> float:
        """Where a moment stands; one outside the picture stands at its edge."""
        shown = min(max(seconds, self.picture.begin), self.picture.end)
        share = (shown - self.picture.begin) / (self.picture.end - self.picture.begin)
        return round(_LEFT + share * (_RIGHT - _LEFT), 1)

    def fits(self, bar: Bar) -> bool:
        """Whether a bar has room for its name."""
        return self.x(bar.end) - self.x(bar.begin) > _CHARACTER * len(bar.name) + 2

    @cached_property
    def parts(self) -> float:
        """Where the bars of the recovery time begin, below the rows of labels."""
        return _TOP + ROWS * _ROW + 4

    @cached_property
    def _steps(self) -> float:
        return self.parts + _BAR + _GAP

    @cached_property
    def steps(self) -> tuple[Lane, ...]:
        """The first steps, and how many more there are."""
        shown = [(shortened(step.name, _NAME), step) for step in self.picture.steps[:MOST_STEPS]]
        lanes = [Lane(self._steps + row * _STEP, name, step) for row, (name, step) in enumerate(shown)]
        if more := len(self.picture.steps) - len(shown):
            lanes.append(Lane(self._steps + len(lanes) * _STEP, f"and {more} more steps"))
        return tuple(lanes)

    @cached_property
    def clients(self) -> tuple[Lane, ...]:
        """A lane for each client whose ledger could be read."""
        top = self._steps + len(self.steps) * _STEP + (_GAP if self.steps else 0)
        return tuple(self._client(client, top + row * _CLIENT) for row, client in enumerate(self.picture.clients))

    def _client(self, client: Density, y: float) -> Lane:
        base, full = y + _CLIENT - 2, _CLIENT - 6
        at = [self.x(float(edge)) for edge in client.edges]
        good = [base - full * float(share) for share in client.good]
        both = [top - full * float(share) for top, share in zip(good, client.bad, strict=True)]
        floor = [base] * len(good)
        name = shortened(client.client, _NAME)
        return Lane(y, name, served=_outline(at, good, floor), unserved=_outline(at, both, good))

    @cached_property
    def bottom(self) -> float:
        """Where the last lane ends and the axis begins."""
        rows = self.clients or self.steps
        last = rows[-1].y + (_CLIENT if self.clients else _STEP) if rows else self._steps
        return round(last + 2, 1)

    @cached_property
    def height(self) -> float:
        return self.bottom + _AXIS

    @property
    def labels(self) -> Iterator[tuple[Label, float, float]]:
        """Each label with its place; its line reaches from there to the bottom."""
        for label in labels(self.picture):
            beside = self.x(label.mark.at) + (-4 if label.leftwards else 4)
            yield label, beside, _TOP + (label.row + 0.7) * _ROW

    @cached_property
    def outage(self) -> tuple[float, float] | None:
        """From where to where service was out; to the edge where it never came back."""
        if self.picture.outage is None:
            return None
        begin, end = self.picture.outage
        return self.x(begin), self.x(self.picture.end if end is None else end)

    @property
    def ticks(self) -> Iterator[tuple[float, str]]:
        """Round numbers of seconds along the axis."""
        step = _round_step(self.picture.end - self.picture.begin)
        for number in range(math.ceil(self.picture.begin / step), math.floor(self.picture.end / step) + 1):
            yield self.x(number * step), f"{number * step:g}".replace("-", "−")


def _round_step(span: float) -> float:
    """The smallest of 1, 2, 5, 10, … (or a tenth of these, and so on) that makes few enough ticks."""
    size = 10.0 ** math.floor(math.log10(span / _TICKS))
    return next(size * times for times in (1, 2, 5, 10) if span / (size * times) <= _TICKS)


def _outline(at: list[float], tops: list[float], floors: list[float]) -> str:
    """Stairs between two heights; bins in which both are the same draw nothing."""
    path: list[str] = []
    for begin, end in _stretches(tops, floors):
        path += [f"M{at[begin]:g} {floors[begin]:.1f}", *_stairs(at, tops, range(begin, end))]
        path += [*_stairs(at, floors, reversed(range(begin, end)), backwards=True), "Z"]
    return "".join(path)


def _stretches(tops: list[float], floors: list[float]) -> Iterator[tuple[int, int]]:
    """Runs of bins that hold something."""
    full = [False, *(top != floor for top, floor in zip(tops, floors, strict=True)), False]
    turns = [place for place, (before, after) in enumerate(pairwise(full)) if before != after]
    yield from zip(turns[::2], turns[1::2], strict=True)


def _stairs(at: list[float], heights: list[float], bins: Iterable[int], *, backwards: bool = False) -> Iterator[str]:
    """To the height of each bin, and along it; neighbours of one height are one line."""
    for height, run in groupby(bins, lambda place: f"V{heights[place]:.1f}"):
        *_, last = run
        yield f"{height}H{at[last if backwards else last + 1]:g}"
