"""What the timeline picture shows, as plain numbers: seconds count from the strike."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from harness.errors import EvidenceError
from harness.facts import (
    ClientStarted,
    Detected,
    FaultStruck,
    FencingProbed,
    RecoveryStarted,
    RegionReturned,
    StepEnded,
    StepStarted,
    SwitchFailed,
)
from harness.heard import Heard
from harness.ledger import LEDGER, read_rows
from harness.measure.rows import is_good
from harness.record import Record, worst_outage
from harness.verdict import RtoReport, Verdict
from reports.words import duration

Numbers = npt.NDArray[Any]
BINS = 140


class Judged(Protocol):
    """A drill with its verdict: a bundle, or one whose estate is still being taken down."""

    @property
    def folder(self) -> Path: ...
    @property
    def record(self) -> Record: ...
    @property
    def verdict(self) -> Verdict: ...


@dataclass(frozen=True, slots=True)
class Bar:
    """A stretch of time: a part of the recovery time, or a step of the procedure."""

    name: str
    part: str
    begin: float
    end: float
    ok: bool = True


@dataclass(frozen=True, slots=True)
class Mark:
    """A moment worth a line across the picture."""

    name: str
    at: float
    weighty: bool = False


@dataclass(frozen=True, slots=True)
class Density:
    """How many requests of a client went well and badly in each bin, as shares of the busiest bin."""

    client: str
    edges: Numbers
    good: Numbers
    bad: Numbers


@dataclass(frozen=True, slots=True)
class Lanes:
    """The whole picture. `outage` is what the worst client saw; its end is None when service never came back."""

    begin: float
    end: float
    parts: tuple[Bar, ...]
    steps: tuple[Bar, ...]
    marks: tuple[Mark, ...]
    clients: tuple[Density, ...]
    outage: tuple[float, float | None] | None


@dataclass(frozen=True, slots=True)
class Label:
    """A mark's text, in the row (0 is the topmost) where neither it nor its line runs through another's text."""

    mark: Mark
    text: str
    row: int
    begin: float
    end: float
    leftwards: bool


ROWS = 4
_CHARACTER = 0.0092
"""The width of a character as a share of the picture's."""


def labels(picture: Lanes) -> list[Label]:
    """The labels that fit, the weighty ones first; a line reaches up to its label's row, so it crosses those below."""
    whole, shown = picture.end - picture.begin, list[Label]()
    for mark in sorted(picture.marks, key=lambda mark: (not mark.weighty, mark.at)):
        text = f"{mark.name} {duration(mark.at)}" if mark.at else mark.name
        ways = _ways(mark, text, _CHARACTER * (len(text) + 1) * whole, picture)
        free = (label for label in ways if not any(_collide(label, other) for other in shown))
        shown += [label for label in [next(free, None)] if label]
    return shown


def _ways(mark: Mark, text: str, width: float, picture: Lanes) -> Iterator[Label]:
    """Where a label could stand: right of its line, else left of it; the strike's own only left, where nothing is."""
    for row in range(ROWS):
        if mark.at and mark.at + width <= picture.end:
            yield Label(mark, text, row, mark.at, mark.at + width, leftwards=False)
    for row in range(ROWS):
        if mark.at - width >= picture.begin:
            yield Label(mark, text, row, mark.at - width, mark.at, leftwards=True)


def _collide(one: Label, other: Label) -> bool:
    """Whether two texts overlap, or the line of one runs through the text of the other."""
    if one.row == other.row and one.begin < other.end and other.begin < one.end:
        return True
    upper, lower = (one, other) if one.row <= other.row else (other, one)
    return lower.begin < upper.mark.at < lower.end


def lanes(drill: Judged) -> Lanes | None:
    """The picture of a drill; None where nothing was struck, for then there is no time to count from."""
    record = drill.record
    if record.when(FaultStruck) is None:
        return None
    steps = tuple(_steps(record))
    marks = tuple(_marks(drill))
    outage = _outage(record)
    seen = [activity.last for activity in record.activity if activity.last is not None]
    ends = [bar.end for bar in steps] + [mark.at for mark in marks] + [record.seconds(at) for at in seen]
    last = max([1.0, *ends, (outage[1] or 0.0) if outage else 0.0])
    begin, end = -0.22 * last, last * 1.06
    parts = tuple(_parts(drill.verdict.rto))
    return Lanes(begin, end, parts, steps, marks, tuple(_clients(drill, begin, end)), outage)


def _parts(rto: RtoReport | None) -> Iterator[Bar]:
    at = 0.0
    for name, seconds in (rto.phases if rto else {}).items():
        yield Bar(name, name, at, at + seconds)
        at += seconds


def _steps(record: Record) -> Iterator[Bar]:
    """Each step of the procedure; one without an end lasted to the last fact."""
    open_steps: dict[str, tuple[StepStarted, int]] = {}
    for stamped in record.stamped(StepStarted, StepEnded):
        if isinstance(stamped.fact, StepStarted):
            open_steps[stamped.fact.name] = (stamped.fact, stamped.at)
        elif isinstance(stamped.fact, StepEnded) and stamped.fact.name in open_steps:
            step, began = open_steps.pop(stamped.fact.name)
            ended = record.seconds(stamped.at)
            yield Bar(step.name, step.part.value, record.seconds(began), ended, stamped.fact.ok)
    for step, began in open_steps.values():
        last = record.seconds(record.facts[-1].at)
        yield Bar(step.name, step.part.value, record.seconds(began), last, False)


def _marks(drill: Judged) -> Iterator[Mark]:
    yield Mark("fault struck", 0.0, weighty=True)
    for stamped in drill.record.stamped(Detected, RecoveryStarted, SwitchFailed, FencingProbed, RegionReturned):
        at = drill.record.seconds(stamped.at)
        if isinstance(stamped.fact, Detected):
            yield Mark(stamped.fact.signal, at)
        elif isinstance(stamped.fact, RecoveryStarted):
            yield Mark("recovery begins", at)
        elif isinstance(stamped.fact, SwitchFailed):
            yield Mark("switch failed", at)
        elif isinstance(stamped.fact, RegionReturned):
            yield Mark("region back", at)
        else:
            yield Mark("old primary back", at)
    rto = drill.verdict.rto
    if rto and rto.seconds is not None:
        yield Mark("served again", rto.seconds, weighty=True)


def _outage(record: Record) -> tuple[float, float | None] | None:
    worst = worst_outage(record.outages)
    if worst is None or worst.lost_high is None:
        return None
    return record.seconds(worst.lost_high), None if worst.back_high is None else record.seconds(worst.back_high)


def _clients(drill: Judged, begin: float, end: float) -> Iterator[Density]:
    zero = drill.record.origin()
    for client in drill.record.all(ClientStarted):
        try:
            rows = read_rows(drill.folder / client.file, LEDGER)
        except EvidenceError:
            continue
        rows = rows[rows["heard"] != Heard.SENT]
        if not len(rows):
            continue
        well = is_good(rows, client.kind)
        at = (rows["due"] - zero) / 1e9
        edges = _edges(begin, end, float(at[0]), client.every.total_seconds())
        good, bad = np.histogram(at[well], edges)[0], np.histogram(at[~well], edges)[0]
        most = max(1, int((good + bad).max(initial=0)))
        yield Density(client.client, edges, good / most, bad / most)


def _edges(begin: float, end: float, first: float, every: float) -> Numbers:
    """Bins that each hold the same number of a fixed schedule's due times, so that an even rate looks even."""
    width = (end - begin) / BINS
    if every <= 0:
        return np.linspace(begin, end, BINS + 1)
    width = max(1, round(width / every)) * every
    start = first - every / 2
    start += np.floor((begin - start) / width) * width
    return np.arange(start, end + width, width)
