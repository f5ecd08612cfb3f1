"""The rows of a scorecard's tables."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median

from harness.evidence import Manifest
from harness.facts import AtStake, CallMade, DrillStarted, StepEnded, StepStarted, SwitchFailed
from harness.record import DataGap, Record
from harness.verdict import WRONG
from reports.words import between, count, duration, size


@dataclass(frozen=True, slots=True)
class StepRow:
    """A step of the recovery, its times in words."""

    after: str
    took: str
    name: str
    part: str
    ok: bool
    foreseen: bool
    """A switch failed during it, and the procedure went on another way."""
    result: str
    runbook: str


@dataclass(frozen=True, slots=True)
class CallRow:
    """All calls of one operation by one actor in one region; times in seconds."""

    service: str
    operation: str
    region: str
    actor: str
    mutates: bool
    number: int
    errors: int
    median: float
    slowest: float


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of how many writes, and whether that is wrong in any number."""

    what: str
    number: int
    wrong: bool


@dataclass(frozen=True, slots=True)
class Ledger:
    """What became of all that was written into one place; no fates where nothing was compared: zeros would look like
    an answer."""

    place: AtStake
    says: str
    fates: tuple[Fate, ...]
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ClientRow:
    """What one client saw."""

    name: str
    decides: bool
    probes: int
    bad: int
    lost: str
    back: str
    flaps: int


@dataclass(frozen=True, slots=True)
class FileRow:
    """A sealed file."""

    name: str
    size: str
    sha256: str


def step_rows(record: Record) -> tuple[StepRow, ...]:
    """Every step in order; one that never ended says so."""
    return tuple(_step_rows(record))


def _step_rows(record: Record) -> Iterator[StepRow]:
    ends: dict[str, list[tuple[int, StepEnded]]] = defaultdict(list)
    failures = [(s.at, s.fact) for s in record.stamped(SwitchFailed) if isinstance(s.fact, SwitchFailed)]
    for stamped in record.stamped(StepEnded):
        if isinstance(stamped.fact, StepEnded):
            ends[stamped.fact.name].append((stamped.at, stamped.fact))
    for stamped in record.stamped(StepStarted):
        if not isinstance(step := stamped.fact, StepStarted):
            continue
        after = duration(record.seconds(stamped.at))
        if not ends[step.name]:
            yield StepRow(after, "", step.name, step.part.value, False, False, "never ended", step.runbook)
            continue
        at, end = ends[step.name].pop(0)
        why = next((fact.why for when, fact in failures if stamped.at <= when <= at), "")
        result = f"failed: {why}" if why else "done" if end.ok else end.error or "failed"
        took = duration((at - stamped.at) / 1e9)
        yield StepRow(after, took, step.name, step.part.value, end.ok, bool(why), result, step.runbook)


def call_rows(record: Record) -> tuple[CallRow, ...]:
    """Calls by operation, region and actor, the changes first."""
    groups: dict[tuple[bool, str, str, str, str], list[CallMade]] = defaultdict(list)
    for call in record.all(CallMade):
        groups[not call.mutates, call.service, call.operation, call.region, call.actor].append(call)
    return tuple(_call_row(calls) for _, calls in sorted(groups.items()))


def _call_row(calls: list[CallMade]) -> CallRow:
    took, first = [call.took.total_seconds() for call in calls], calls[0]
    errors = sum(bool(call.error) or call.status >= 400 for call in calls)
    where = (first.service, first.operation, first.region, first.actor, first.mutates)
    return CallRow(*where, len(calls), errors, median(took), max(took))


def ledgers(record: Record) -> tuple[Ledger, ...]:
    """What was written into what was struck comes first; where nothing was compared there is one without rows."""
    places = {AtStake.DATABASE: record.gap, AtStake.CACHE: record.cache_gap}
    started = record.first(DrillStarted)
    struck = started.at_stake if started else AtStake.DATABASE
    found = [_ledger(place, gap) for place, gap in places.items() if gap.measured or place == struck]
    return tuple(sorted(found, key=lambda ledger: ledger.place is not struck))


def _ledger(place: AtStake, gap: DataGap) -> Ledger:
    if not gap.measured:
        return Ledger(place, f"What was written into the {place} was never compared with it.", (), ())
    doubt = " Nobody knows of which moment the restored data is." if gap.restore_unknown else ""
    says = f"{count(gap.acknowledged, 'acknowledged write')}, each looked for in the {place} after the drill.{doubt}"
    return Ledger(place, says, tuple(_fates(gap)), gap.examples[:8])


def _fates(gap: DataGap) -> Iterator[Fate]:
    yield Fate("acknowledged and kept", gap.kept, False)
    yield Fate("acknowledged and lost", gap.lost, bool(gap.lost))
    yield Fate("refused", gap.refused, False)
    yield Fate("answer unknown, found", gap.unknown_present, False)
    yield Fate("answer unknown, not found", gap.unknown_absent, False)
    for field, words in WRONG:
        number = getattr(gap, field)
        yield Fate(words, number, bool(number))


def client_rows(record: Record) -> tuple[ClientRow, ...]:
    def after(low: int | None, high: int | None, never: str) -> str:
        return never if low is None or high is None else between(record.seconds(low), record.seconds(high))

    return tuple(
        ClientRow(
            o.client, o.decides, o.probes, o.bad, after(o.lost_low, o.lost_high, "never"),
            after(o.back_low, o.back_high, "never" if o.felt else "–"), o.flaps,
        )
        for o in record.outages
    )  # fmt: skip


def file_rows(manifest: Manifest | None) -> tuple[FileRow, ...]:
    files = manifest.files.items() if manifest else ()
    return tuple(FileRow(name, size(sealed.bytes), sealed.sha256) for name, sealed in files)
