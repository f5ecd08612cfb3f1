"""The same facts for people: record.json, timeline.json and calls.jsonl, derived from the record, never the source."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, get_type_hints

from pydantic import TypeAdapter
from pydantic_core import to_jsonable_python

from harness.facts import (
    CallMade,
    CapacitySeen,
    ConfigurationSeen,
    Declared,
    Detected,
    DrillStarted,
    FaultBitten,
    FaultStruck,
    FencingProbed,
    IntegrityCounted,
    MachineEvent,
    NotDetected,
    PhaseEntered,
    Probed,
    Problem,
    RecoveryEnded,
    RecoveryStarted,
    RegionReturned,
    RoomRanOut,
    ServedBy,
    StepEnded,
    StepStarted,
    SwitchFailed,
    TornDown,
)
from harness.record import MEASURED, Outage, Record, Stamped

SCHEMA = 1
_ADAPTERS: dict[str, TypeAdapter[Any]] = {name: TypeAdapter(get_type_hints(Record)[name]) for name in MEASURED}
_MOMENTS = (
    PhaseEntered, FaultStruck, FaultBitten, Detected, NotDetected, RecoveryStarted, RecoveryEnded, StepStarted,
    StepEnded, Probed, ServedBy, FencingProbed, RegionReturned, CapacitySeen, ConfigurationSeen, SwitchFailed,
    MachineEvent, RoomRanOut, Problem, TornDown,
)  # fmt: skip


def record_json(record: Record, began: datetime | None, logs_missing: Sequence[str] = ()) -> dict[str, Any]:
    """What the drill was and what was measured. The fields of a Record are exact, `summary` is in seconds."""
    return {
        "schema": SCHEMA,
        "drill": to_jsonable_python(record.first(DrillStarted)),
        "began": began.isoformat() if began else None,
        "summary": {
            "outages": [_outage(outage, record) for outage in record.outages],
            "integrity": to_jsonable_python(record.all(IntegrityCounted)),
            "declared": to_jsonable_python(record.all(Declared)),
            "problems": to_jsonable_python(record.all(Problem)),
            "api_calls": len(record.all(CallMade)),
            "logs_missing": list(logs_missing),
        },
        **{name: _ADAPTERS[name].dump_python(value, mode="json") for name, value in record.measured.items()},
    }


def record_from(facts: tuple[Stamped, ...], saved: dict[str, Any]) -> Record:
    """The record that `record_json` saved, with its facts; what a bundle of before did not save was not measured.

    Raises ValueError and TypeError for what is none.
    """
    known = {name: adapter for name, adapter in _ADAPTERS.items() if name in saved}
    return Record(facts, **{name: adapter.validate_python(saved[name]) for name, adapter in known.items()})


def _outage(outage: Outage, record: Record) -> dict[str, Any]:
    def after(instant: int | None) -> float | None:
        return None if instant is None else round(record.seconds(instant), 6)

    return {
        "client": outage.client,
        "decides": outage.decides,
        "felt": outage.felt,
        "lost_after_seconds": [after(outage.lost_low), after(outage.lost_high)],
        "back_after_seconds": [after(outage.back_low), after(outage.back_high)],
        "probes": outage.probes,
        "bad": outage.bad,
        "flaps": outage.flaps,
        "flaps_while_the_host_stood_still": outage.starved,
    }


def moments(record: Record) -> Iterator[Stamped]:
    """The facts that timeline.json tells."""
    return record.stamped(*_MOMENTS)


def timeline_json(record: Record) -> list[dict[str, Any]]:
    """What happened when; `seconds` count from the strike, or from the start where nothing was struck."""
    return [
        {"seconds": round(record.seconds(at.at), 6), "event": type(at.fact).__name__, **to_jsonable_python(at.fact)}
        for at in moments(record)
    ]


def calls_jsonl(record: Record) -> Iterator[bytes]:
    """One line for each AWS API call, in the order in which they ended."""
    for call in record.all(CallMade):
        times = {"seconds": round(record.seconds(call.started), 6), "took": call.took.total_seconds()}
        line = {**to_jsonable_python(call), **times}
        yield json.dumps(line, separators=(",", ":")).encode() + b"\n"
