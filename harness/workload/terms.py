"""What a client is told when it starts: one line of JSON on its standard input, because secrets are among it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import TextIO, TypeVar, Union

from harness.dial import Directory

Terms = Union["VisitorTerms", "WriterTerms", "ReaderTerms", "KeeperTerms"]
T = TypeVar("T", "VisitorTerms", "WriterTerms", "ReaderTerms", "KeeperTerms")

PATIENCE = 1.0
"""Seconds after which a client gives a request up."""


@dataclass(frozen=True, slots=True)
class VisitorTerms:
    """`follows` is "fresh" to resolve the name for each request, "ttl" to keep answers for their TTL."""

    file: str
    writer: int
    hz: float
    follows: str
    host: str
    port: int
    users: int
    projects: int
    resolver_host: str
    resolver_port: int
    pace: float
    patience: float = PATIENCE


@dataclass(frozen=True, slots=True)
class WriterTerms:
    """One connection for each of the `writers`, which are numbers; `rate` a second for all of them, 0 for no limit."""

    file: str
    writers: tuple[int, ...]
    rate: float
    host: str
    port: int
    users: int
    projects: int
    resolver_host: str
    resolver_port: int
    pace: float
    user: str
    database: str
    password: str = field(repr=False)
    patience: float = PATIENCE

    def __post_init__(self) -> None:
        object.__setattr__(self, "writers", tuple(self.writers))  # JSON knows lists only


@dataclass(frozen=True, slots=True)
class ReaderTerms(VisitorTerms):
    """A visitor's, for one who only reads."""


@dataclass(frozen=True, slots=True)
class KeeperTerms:
    """`rate` writes a second, one after the other, into the cache that the application at `host` says it uses.

    `cache_port` is the port of every cache.
    """

    file: str
    writer: int
    rate: float
    host: str
    port: int
    cache_port: int
    resolver_host: str
    resolver_port: int
    pace: float
    patience: float = PATIENCE


def directory_of(terms: Terms) -> Directory:
    """Where a client resolves names. Its port is already the real one."""
    return Directory((terms.resolver_host, terms.resolver_port), pace=terms.pace)


def line_of(terms: Terms) -> bytes:
    """The terms as their line."""
    return json.dumps(asdict(terms)).encode() + b"\n"


def terms_of(kind: type[T], source: TextIO) -> T:
    """The terms from the first line of a client's standard input."""
    return kind(**json.loads(source.readline()))
