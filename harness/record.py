"""All that a drill saw: its facts in order, and what was measured from its ledger. Everything a verdict needs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from harness.clock import Instant
from harness.events import Event
from harness.facts import DrillStarted, FaultStruck, RecoveryStarted, fact_of

F = TypeVar("F")


@dataclass(frozen=True, slots=True)
class Stamped:
    """A fact and when it was written."""

    at: Instant
    fact: object


def at_the_public_name(reader: str) -> str:
    """What a reader is called as one who cares only for an answer, wherever that came from."""
    return f"{reader} (any answer)"


@dataclass(frozen=True, slots=True)
class Outage:
    """What one client saw of the disaster, from its ledger. Instants are monotonic ns; None means it never happened.

    Service was lost somewhere in [lost_low, lost_high] and was back, for good (2 s without a bad probe), somewhere in
    [back_low, back_high]. `flaps` counts the bad runs after that, `starved` those of them that met a stall of the host.
    """

    client: str
    probes: int
    bad: int
    decides: bool
    lost_low: int | None = None
    lost_high: int | None = None
    back_low: int | None = None
    back_high: int | None = None
    flaps: int = 0
    worst_flap: timedelta = timedelta(0)
    starved: int = 0
    good_before: int = 0

    @property
    def felt(self) -> bool:
        """Whether this client ever saw the service gone."""
        return self.lost_high is not None


def worst_outage(outages: Iterable[Outage]) -> Outage | None:
    """The outage that counts: of the deciding clients that felt it, the one back last; never back is worst of all."""
    felt = [o for o in outages if o.decides and o.felt]
    return max(felt, key=lambda o: (o.back_high is None, o.back_high or 0), default=None)


@dataclass(frozen=True, slots=True)
class DataGap:
    """The fate of every write."""

    measured: bool
    acknowledged: int = 0
    kept: int = 0
    lost: int = 0
    refused: int = 0
    unknown_present: int = 0
    unknown_absent: int = 0
    phantom: int = 0
    duplicated: int = 0
    corrupted: int = 0
    age: timedelta = timedelta(0)
    """From the oldest lost acknowledgement to the strike, or to the last lost one, where what was struck went on."""
    lost_after_closing: int = 0
    """Of the lost, those sent when the struck one should have been dead or closed, and acknowledged."""
    lost_amid_kept: int = 0
    """Of the lost, those clearly older than a write that was kept: replication lag loses the newest, never these."""
    restored_to: Instant | None = None
    """Of which moment the restored data is meant to be, where any was restored and that is known."""
    restore_unknown: bool = False
    """Something was restored, and nobody knows of which moment."""
    lost_before_point: int = 0
    """Of the lost, those acknowledged before that moment."""
    kept_beyond_point: int = 0
    """Of the kept, those sent after that moment and before the restore began: it was restored to another moment."""
    lost_after_failed_switch: int = 0
    """Of the lost, those acknowledged after a SwitchFailed."""
    examples: tuple[str, ...] = ()
    """Some lost, corrupted, duplicated or phantom writes as "what writer:seq"."""


@dataclass(frozen=True, slots=True)
class ClientActivity:
    """Whether one writer number of a client worked throughout: its rows, its acknowledgements before the strike and
    after recovery."""

    client: str
    kind: str
    rows: int
    acknowledged_before: int
    acknowledged_after: int
    first: int | None
    last: int | None
    longest_silence: timedelta
    """The longest time between two rows due one after the other, however they ended."""
    writer: int = 0
    missing: int = 0
    """How many numbers of 1 to its highest have no row at all: nobody knows what became of those writes."""
    off_schedule: int = 0
    """How many due times are not one interval after the one before, of a client that does not wait for answers."""


@dataclass(frozen=True, slots=True)
class Record:
    """A finished drill. `facts` in order of time; the rest as measured from the ledger files."""

    facts: tuple[Stamped, ...]
    outages: tuple[Outage, ...] = ()
    gap: DataGap = DataGap(measured=False)
    """Of what was written into the database."""
    activity: tuple[ClientActivity, ...] = ()
    cache_gap: DataGap = DataGap(measured=False)
    """Of what was written into the cache."""

    @property
    def measured(self) -> dict[str, object]:
        """What the ledgers gave, by the names of the fields."""
        return {name: getattr(self, name) for name in MEASURED}

    def all(self, kind: type[F]) -> Sequence[F]:
        """Every fact of a kind, in order."""
        return [s.fact for s in self.facts if isinstance(s.fact, kind)]

    def first(self, kind: type[F]) -> F | None:
        return next((s.fact for s in self.facts if isinstance(s.fact, kind)), None)

    def last(self, kind: type[F]) -> F | None:
        return next((s.fact for s in reversed(self.facts) if isinstance(s.fact, kind)), None)

    def when(self, kind: type[object]) -> Instant | None:
        """When the first fact of a kind was written."""
        return next((s.at for s in self.facts if isinstance(s.fact, kind)), None)

    def acted(self) -> Instant | None:
        """From when on what an operator does belongs to the drill: the strike, or else the procedure itself."""
        started = self.first(DrillStarted)
        return self.when(FaultStruck if started is None or started.fault else RecoveryStarted)

    def origin(self) -> Instant:
        """The instant from which seconds are told: the strike, or the drill's first fact where nothing was struck."""
        struck = self.when(FaultStruck)
        return struck if struck is not None else next((s.at for s in self.facts), Instant(0))

    def seconds(self, at: int) -> float:
        """An instant as seconds from the origin."""
        return (at - self.origin()) / 1e9

    def stamped(self, *kinds: type[object]) -> Iterator[Stamped]:
        return (s for s in self.facts if isinstance(s.fact, kinds))


MEASURED = ("outages", "gap", "cache_gap", "activity")
"""The fields of a Record that come from the ledgers: all that a bundle's record.json saves and that is compared."""


def facts_of(events: Iterator[Event]) -> tuple[Stamped, ...]:
    """The typed facts of a log."""
    return tuple(Stamped(event.at, fact_of(event)) for event in events)
