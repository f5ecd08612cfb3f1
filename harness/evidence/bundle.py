"""Reading a bundle, and judging it again without anything but its own files."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from harness.clock import Instant
from harness.errors import BundleDamaged, DrillError, EvidenceError
from harness.events import Event, EventLog, read_events
from harness.evidence.derived import not_derived
from harness.evidence.judgement import verdict_of
from harness.evidence.manifest import NAME, NO_BUNDLE, Manifest, read_manifest
from harness.evidence.refusal import refusal
from harness.evidence.summary import record_from
from harness.facts import WHOLE_DRILL, Problem, fact_of
from harness.measure import measure
from harness.objectives import Outcome
from harness.record import Record, Stamped, facts_of
from harness.verdict import Verdict, judge

EVENTS, RECORD, VERDICT = "events.jsonl", "record.json", "verdict.json"


@dataclass(frozen=True, slots=True)
class Bundle:
    """A drill as it was saved. `began` and `began_at` tie the monotonic clock of its facts to the wall clock."""

    folder: Path
    record: Record
    verdict: Verdict
    began: datetime
    began_at: int
    manifest: Manifest | None
    config: dict[str, Any]
    versions: dict[str, Any]

    def wall(self, instant: int) -> datetime:
        """The wall time of an instant, as the drill's first line of the log ties the two clocks."""
        return self.began + timedelta(microseconds=(instant - self.began_at) / 1000)


def load(folder: Path) -> Bundle:
    """Read a bundle, sealed or not; nothing is verified.

    Raises EvidenceError when it cannot be read, or must not be: its sealing was refused, for it holds a secret.
    """
    if why := refusal(folder):
        raise EvidenceError(f"the sealing of {folder} was refused: {why}", hint="Rehearse the drill again.")
    first = _first(folder / EVENTS)
    if first is None:
        raise EvidenceError(f"{folder} holds no events", hint=NO_BUNDLE)
    measured = _read_json(folder / RECORD)
    try:
        record = record_from(facts_of(_events(folder / EVENTS)), measured)
        verdict = verdict_of(_read_json(folder / VERDICT))
    except (ValueError, KeyError, TypeError) as error:
        raise EvidenceError(f"{folder} cannot be read as a bundle: {error}") from error
    manifest = read_manifest(folder) if (folder / NAME).exists() else None
    config, versions = _read_json(folder / "config.json"), _read_json(folder / "versions.json")
    return Bundle(folder, record, verdict, first.wall, first.at, manifest, config, versions)


def rejudge(folder: Path) -> Verdict:
    """Measure and judge anew from events.jsonl and the ledger. Raises EvidenceError when they cannot be read."""
    return judge(_measured(folder))


def require_same(saved: Bundle) -> None:
    """Refuse a bundle of which a document or the verdict is not what its own events and ledger give.

    Hashes can be made anew for files that were forged. That events and ledger were not forged as well only a hash tells
    that was noted elsewhere. Raises BundleDamaged. What cannot be judged again is no pass, and may be anything else.
    """
    try:
        record = _measured(saved.folder)
    except Exception as error:  # whatever it is: a crashed drill leaves what cannot be measured, and says so itself
        if saved.verdict.effective is not Outcome.PASS:
            return
        raise BundleDamaged(f"the pass of {saved.folder} cannot be judged again: {error}") from error
    _require_derived(saved, record)
    if saved.verdict != judge(record):
        raise _forged(saved.folder / VERDICT)


def judge_again(saved: Bundle) -> Verdict:
    """The verdict that a bundle's own events and ledger give, which may be another than it holds.

    Raises BundleDamaged where another of its documents is not what they give, EvidenceError when they cannot be read.
    """
    record = _measured(saved.folder)
    _require_derived(saved, record)
    return judge(record)


def _require_derived(saved: Bundle, record: Record) -> None:
    """Refuse a bundle whose record, timeline or calls are not what its events and ledger give."""
    if saved.record.measured != record.measured:
        raise _forged(saved.folder / RECORD)
    for name in not_derived(saved.folder, record, saved.began):
        raise _forged(saved.folder / name)


def _forged(document: Path) -> BundleDamaged:
    return BundleDamaged(f"{document} is not what its events and ledger give")


def _measured(folder: Path) -> Record:
    return measure(folder, facts_of(_events(folder / EVENTS)))


def salvage(folder: Path, why: str) -> tuple[Record, Verdict]:
    """All that can be had of a drill that did not finish: whatever it saw, and a verdict that is never PASS.

    `why` joins the log as a Problem, after a last line cut short was taken away, so that judging again says the same.
    """
    _add_problem(folder / EVENTS, Problem(WHOLE_DRILL, why))
    facts = tuple(_readable(folder / EVENTS))
    if not any(isinstance(stamped.fact, Problem) for stamped in facts):
        facts = (*facts, Stamped(facts[-1].at if facts else Instant(0), Problem(WHOLE_DRILL, why)))
    try:
        record = measure(folder, facts)
    except Exception as error:  # the last boundary: what a crash left behind must not cost us the rest of the evidence
        unmeasured = Problem("measuring", f"{type(error).__name__}: {error}")
        record = Record((*facts, Stamped(facts[-1].at, unmeasured)))
    return record, judge(record)


def _add_problem(events: Path, problem: Problem) -> None:
    whole = events.read_bytes() if events.exists() else b""
    if whole:
        events.chmod(0o644)  # a sealing that was cut short may have made it read-only
    if whole and not whole.endswith(b"\n"):
        os.truncate(events, whole.rfind(b"\n") + 1)
    log = EventLog(events)
    log.write(problem)
    log.close()


def first_wall(events: Path) -> datetime | None:
    """When a log began, None when nothing of it can be read."""
    try:
        first = _first(events)
    except EvidenceError:
        return None
    return first.wall if first else None


def _readable(events: Path) -> Iterator[Stamped]:
    """The facts of a log up to the first that cannot be read."""
    try:
        for event in _events(events):
            yield Stamped(event.at, fact_of(event))
    except DrillError:
        return


def _first(events: Path) -> Event | None:
    return next(_events(events), None)


def _events(path: Path) -> Iterator[Event]:
    try:
        yield from read_events(path)
    except OSError as error:
        raise EvidenceError(f"{path} cannot be read: {error.strerror}", hint=NO_BUNDLE) from error


def _read_json(path: Path) -> dict[str, Any]:
    try:
        value = json.loads(path.read_bytes())
    except OSError as error:
        raise EvidenceError(f"{path} cannot be read: {error.strerror}", hint=NO_BUNDLE) from error
    except ValueError as error:
        raise EvidenceError(f"{path} cannot be read: {error}", hint=NO_BUNDLE) from error
    if not isinstance(value, dict):
        raise EvidenceError(f"{path} does not hold an object")
    return value
