"""The files of a bundle that people read, held against the facts that they were derived from.

A bundle of before lacks the fields that a kind of fact has got since; then these have to say nothing new.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import MISSING, Field, fields
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic_core import to_jsonable_python

from harness.evidence.summary import calls_jsonl, moments, record_json, timeline_json
from harness.facts import CallMade, Declared, DrillStarted, IntegrityCounted, Problem
from harness.record import MEASURED, Record

RECORD, TIMELINE, CALLS = "record.json", "timeline.json", "calls.jsonl"
_LISTED: dict[str, type[Any]] = {"integrity": IntegrityCounted, "declared": Declared, "problems": Problem}


def not_derived(folder: Path, record: Record, began: datetime) -> Iterator[str]:
    """The name of each file that is not what a record gives; what record.json holds of the ledgers is left out."""
    if not _is_of(_read(folder / RECORD), record, began):
        yield RECORD
    told = [moment.fact for moment in moments(record)]
    if not _all_same(_read(folder / TIMELINE), timeline_json(record), told):
        yield TIMELINE
    calls = [json.loads(line) for line in calls_jsonl(record)]
    if not _all_same(_read_lines(folder / CALLS), calls, record.all(CallMade)):
        yield CALLS


def _is_of(stored: Any, record: Record, began: datetime) -> bool:
    """Whether record.json says what the facts of a record say. Of missing logs only it itself tells."""
    if not isinstance(stored, dict) or not isinstance(had := stored.get("summary"), dict):
        return False
    derived = _plain(record_json(record, began, had.get("logs_missing") or ()))
    told, started = derived["summary"], record.first(DrillStarted)
    rest = {*stored, *derived} - {"drill", "summary", *MEASURED}
    return (
        all(stored.get(name) == derived.get(name) for name in rest)
        and (_same(stored.get("drill"), derived["drill"], started) if started else stored.get("drill") is None)
        and all(had.get(name) == told.get(name) for name in {*had, *told} - set(_LISTED))
        and all(_all_same(had.get(name), told[name], record.all(kind)) for name, kind in _LISTED.items())
    )


def _all_same(stored: Any, derived: Sequence[Any], facts: Sequence[Any]) -> bool:
    if not isinstance(stored, list) or len(stored) != len(derived):
        return False
    return all(_same(*line) for line in zip(stored, _plain(derived), facts, strict=True))


def _same(stored: Any, derived: dict[str, Any], fact: Any) -> bool:
    if not isinstance(stored, dict):
        return False
    since = {had.name for had in fields(fact) if had.name not in stored and getattr(fact, had.name) == _default(had)}
    return stored == {name: value for name, value in derived.items() if name not in since}


def _default(field: Field[Any]) -> Any:
    return field.default if field.default_factory is MISSING else field.default_factory()


def _plain(value: Any) -> Any:
    """As it is read back from a file."""
    return json.loads(json.dumps(to_jsonable_python(value, fallback=str)))


def _read(path: Path) -> Any:
    """What a file holds; None where it cannot be read."""
    try:
        return json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None


def _read_lines(path: Path) -> Any:
    try:
        return [json.loads(line) for line in path.read_bytes().splitlines()]
    except (OSError, ValueError):
        return None
