"""The clients of a drill and what they wrote."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class ClientStarted:
    """A client process and its ledger file (relative to the bundle).

    `kind` is "visitor" or "writer"; of the cache "reader" or "keeper".
    """

    client: str
    kind: str
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
