"""What can be written in the log: one frozen dataclass for each kind of fact, and the way to read it back.

Facts are what was seen or done, never what it means: `harness.verdict` judges. A new kind of fact is a class in the
module of its subject; it is exported by name below. Durations are `timedelta` (ISO 8601 in the file), instants
monotonic nanoseconds.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from pydantic import TypeAdapter

from harness.errors import EvidenceError
from harness.events import Event
from harness.facts.clients import CacheReadBackTaken, ClientEnded, ClientKind, ClientStarted, ReadBackTaken
from harness.facts.course import (
    WHOLE_DRILL,
    AtStake,
    Declared,
    DrillStarted,
    Part,
    Phase,
    PhaseEntered,
    Problem,
    Promise,
    Stage,
    TornDown,
)
from harness.facts.disaster import (
    ALARM,
    CLIENTS,
    DATA,
    HEALTH_CHECK,
    MACHINE,
    UNTIL_THE_END,
    WEAKNESS,
    Detected,
    FaultBitten,
    FaultStruck,
    NotDetected,
)
from harness.facts.looks import (
    INTEGRITY,
    UNBOUNDED,
    BackupSeen,
    Basis,
    CacheSeen,
    ClocksRead,
    ConfigurationSeen,
    DataChecked,
    ExposureSeen,
    FencingProbed,
    ForecastInput,
    HostStarved,
    IntegrityCounted,
    MachineEvent,
    NightPlayed,
    Probed,
    ProtectionSeen,
    RoomRanOut,
    ServedBy,
    WarmthSeen,
)
from harness.facts.recovery import (
    OPERATORS,
    CallIntended,
    CallMade,
    RecoveryEnded,
    RecoveryStarted,
    StepEnded,
    StepStarted,
    SwitchFailed,
)
from harness.facts.services import CapacitySeen, RegionReturned, ReleaseSeen, TargetsSeen

__all__ = [
    "ALARM",
    "CLIENTS",
    "DATA",
    "HEALTH_CHECK",
    "INTEGRITY",
    "MACHINE",
    "OPERATORS",
    "UNBOUNDED",
    "UNTIL_THE_END",
    "WEAKNESS",
    "WHOLE_DRILL",
    "AtStake",
    "BackupSeen",
    "Basis",
    "CacheReadBackTaken",
    "CacheSeen",
    "CallIntended",
    "CallMade",
    "CapacitySeen",
    "ClientEnded",
    "ClientKind",
    "ClientStarted",
    "ClocksRead",
    "ConfigurationSeen",
    "DataChecked",
    "Declared",
    "Detected",
    "DrillStarted",
    "ExposureSeen",
    "FaultBitten",
    "FaultStruck",
    "FencingProbed",
    "ForecastInput",
    "HostStarved",
    "IntegrityCounted",
    "MachineEvent",
    "NightPlayed",
    "NotDetected",
    "Part",
    "Phase",
    "PhaseEntered",
    "Probed",
    "Problem",
    "Promise",
    "ProtectionSeen",
    "ReadBackTaken",
    "RecoveryEnded",
    "RecoveryStarted",
    "RegionReturned",
    "ReleaseSeen",
    "RoomRanOut",
    "ServedBy",
    "Stage",
    "StepEnded",
    "StepStarted",
    "SwitchFailed",
    "TargetsSeen",
    "TornDown",
    "WarmthSeen",
    "adapter",
    "fact_of",
    "kinds",
]

_KINDS: dict[str, type[Any]] = {
    name: kind
    for module in iter_modules(__path__)
    for name, kind in vars(import_module(f"{__name__}.{module.name}")).items()
    if hasattr(kind, "__dataclass_fields__") and kind.__module__ == f"{__name__}.{module.name}"
}
"""Every dataclass of this package's modules is a kind of fact; what they import is not."""


def kinds() -> tuple[str, ...]:
    """The names of all kinds of fact."""
    return tuple(_KINDS)


@cache
def adapter(kind: str) -> TypeAdapter[Any]:
    """What reads facts of a kind back."""
    return TypeAdapter(_KINDS[kind])


def fact_of(event: Event) -> object:
    """The typed fact of an event. Raises EvidenceError for a kind this version does not know or cannot read."""
    if event.kind not in _KINDS:
        raise EvidenceError(
            f"the log holds an unknown kind of fact, {event.kind}", hint="Read it with the version that wrote it."
        )
    try:
        return adapter(event.kind).validate_python(event.fact)
    except ValueError as error:
        raise EvidenceError(f"a {event.kind} in the log cannot be read: {error}") from error
