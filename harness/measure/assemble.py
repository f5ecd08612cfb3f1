"""A bundle's files and facts put together to the record that is judged."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from harness.clock import Instant
from harness.errors import EvidenceError
from harness.facts import (
    AtStake,
    CacheReadBackTaken,
    ClientKind,
    ClientStarted,
    DrillStarted,
    FaultBitten,
    FaultStruck,
    HostStarved,
    NightPlayed,
    ReadBackTaken,
    SwitchFailed,
)
from harness.ledger import LEDGER, STORED, Rows, read_rows
from harness.measure.activity import activities
from harness.measure.gap import gap
from harness.measure.outage import outage
from harness.measure.restored import Restored
from harness.measure.restored import restored as the_restore
from harness.measure.stalls import stalls
from harness.record import Outage, Record, Stamped, at_the_public_name

_LAST_WORDS = 250_000_000
"""Nanoseconds in which a server that is being killed or closed may still take writes."""


def measure(folder: Path, facts: tuple[Stamped, ...]) -> Record:
    """Measure the ledgers that the facts name (files relative to `folder`).

    A client that died before it had a ledger is left out. Raises EvidenceError for files that cannot be read, are
    shorter than a fact says, or contradict each other.
    """
    told = Record(facts)
    struck, failed = told.when(FaultStruck), told.when(SwitchFailed)
    ledgers = [(started, _ledger(folder / started.file)) for started in told.all(ClientStarted)]
    worked = [(started, rows) for started, rows in ledgers if rows is not None]
    stood_still = stalls(
        (rows for started, rows in worked if started.kind is ClientKind.VISITOR),
        ((starved.began, starved.ended) for starved in told.all(HostStarved)),
    )
    outages = (
        *(outage(rows, started, struck, stood_still) for started, rows in worked),
        *(
            outage(rows, _at_the_public_name(started), struck, stood_still, any_answer=True)
            for started, rows in worked
            if started.kind is ClientKind.READER
        ),
    )
    restored, back_from = _restored(outages), the_restore(told)
    return Record(
        facts=facts,
        outages=outages,
        gap=gap(
            [rows for started, rows in worked if started.kind.writes_into is AtStake.DATABASE],
            _read_back(folder, told.last(ReadBackTaken)),
            writers=[writer for s, _ in ledgers if s.kind.writes_into is AtStake.DATABASE for writer in s.writers],
            struck=struck,
            closed=_closed(told, back_from, outages),
            switch_failed=failed,
            restored=back_from,
        ),
        cache_gap=gap(
            [rows for started, rows in worked if started.kind.writes_into is AtStake.CACHE],
            _read_back(folder, told.last(CacheReadBackTaken)),
            writers=[writer for s, _ in ledgers if s.kind.writes_into is AtStake.CACHE for writer in s.writers],
            struck=struck,
            closed=_closed(told, None, outages),
            restored=_last_night(told),
        ),
        activity=tuple(one for started, rows in worked for one in activities(rows, started, struck, restored)),
    )


def _at_the_public_name(reader: ClientStarted) -> ClientStarted:
    """A reader as one who cares only for an answer, wherever that came from."""
    return replace(reader, client=at_the_public_name(reader.client), decides=False)


def _last_night(told: Record) -> Restored | None:
    """Where a backup was taken while the keeper wrote, it holds what had been acknowledged by then.

    Who has a witness restores beside the cache that is in use, which may lose nothing.
    """
    started = told.first(DrillStarted)
    if started is not None and started.checks:
        return None
    night = max((s.at for s in told.stamped(NightPlayed)), default=None)
    return None if night is None else Restored(begun=night, point=Instant(night - _LAST_WORDS), exact=False)


def _ledger(path: Path) -> Rows | None:
    return read_rows(path, LEDGER) if path.exists() else None


def _read_back(folder: Path, taken: ReadBackTaken | CacheReadBackTaken | None) -> Rows | None:
    if taken is None:
        return None
    rows = read_rows(folder / taken.file, STORED)
    if len(rows) != taken.rows:
        raise EvidenceError(f"{taken.file} holds {len(rows)} rows, {taken.rows} were read back")
    return rows


def _closed(told: Record, restore: Restored | None, outages: Iterable[Outage]) -> int | None:
    """From when on the server that was struck can take no write any more: it is closed before a restore begins.

    Whoever serves before that is not the struck one, unless that served on; what it acknowledges may not get lost.
    """
    if restore is not None:
        started, again = told.first(DrillStarted), _restored(outages)
        served_on = started is not None and started.silent
        closed = restore.begun + _LAST_WORDS
        return closed if again is None or served_on else min(closed, again)
    bitten = told.when(FaultBitten)
    return None if bitten is None else bitten + _LAST_WORDS


def _restored(outages: Iterable[Outage]) -> int | None:
    """When the first of the deciding clients that lost service was served again: from then on no write may get lost."""
    return min((o.back_high for o in outages if o.decides and o.felt and o.back_high is not None), default=None)
