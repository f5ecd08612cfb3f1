"""The clients of a drill and what they wrote."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import timedelta
from typing import assert_never

from harness.facts.course import AtStake


class ClientKind(enum.StrEnum):
    """What a client does, and with it what it takes for service."""

    VISITOR = "visitor"
    """Writes through the public name and reads back what it wrote."""
    WRITER = "writer"
    """Writes into the database."""
    READER = "reader"
    """Asks the service for what its cache holds."""
    KEEPER = "keeper"
    """Writes into the cache."""

    @property
    def writes_into(self) -> AtStake | None:
        """Where what it writes must be found again; None where it writes nothing."""
        match self:
            case ClientKind.VISITOR | ClientKind.WRITER:
                return AtStake.DATABASE
            case ClientKind.KEEPER:
                return AtStake.CACHE
            case ClientKind.READER:
                return None
            case _:
                assert_never(self)


@dataclass(frozen=True, slots=True)
class ClientStarted:
    """A client process and its ledger file (relative to the bundle)."""

    client: str
    kind: ClientKind
    file: str
    follows: str
    writers: tuple[int, ...]
    every: timedelta
    decides: bool
    """Whether its outage counts for the RTO."""


@dataclass(frozen=True, slots=True)
class ClientEnded:
    client: str
    exit_code: int
    asked_to: bool
    """False when it died on its own."""


@dataclass(frozen=True, slots=True)
class CacheReadBackTaken:
    """Every value that a keeper wrote, read from the cache that the application uses (rows of ledger.STORED)."""

    file: str
    rows: int
    source: str


@dataclass(frozen=True, slots=True)
class ReadBackTaken:
    """Every submission that a client wrote, read from the surviving database into `file` (rows of ledger.STORED)."""

    file: str
    rows: int
    source: str
