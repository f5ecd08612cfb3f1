"""How anything of ours reaches the estate by its own names: a resolver and the ports its servers really listen on.

A `Directory` is plain data that can be handed to another process. `resolve` asks the estate's resolver, never the
host's; `port` maps a standard port to the one that could be bound here.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

import dns.exception
import dns.message
import dns.query
import dns.rcode
import dns.rdatatype

from harness.errors import EnvironmentFailed


@dataclass(frozen=True, slots=True)
class Directory:
    """Where the resolver is, and which real port stands for each standard one (80, 443, 5432, 6379, 3000)."""

    resolver: tuple[str, int]
    ports: Mapping[int, int] = field(default_factory=dict)
    pace: float = 1.0

    def port(self, standard: int) -> int:
        return self.ports.get(standard, standard)


@dataclass(frozen=True, slots=True)
class Answer:
    """Addresses of a name, and for how many seconds they may be kept (the smallest TTL of the chain)."""

    addresses: tuple[str, ...]
    ttl: int


class NameNotFound(EnvironmentFailed):
    """The estate's resolver has no address for the name."""


def resolve(directory: Directory, name: str, *, timeout: float = 1.0) -> Answer:
    """Ask the resolver for a name's IPv4 addresses. Raises NameNotFound, also when the resolver does not answer."""
    query = dns.message.make_query(name, "A")
    try:
        reply = dns.query.udp(query, directory.resolver[0], port=directory.resolver[1], timeout=timeout)
    except (OSError, dns.exception.DNSException) as error:
        raise NameNotFound(f"{name}: the resolver at {directory.resolver} did not answer: {error}") from error
    found = [rrset for rrset in reply.answer if rrset.rdtype == dns.rdatatype.A]
    if reply.rcode() != dns.rcode.NOERROR or not found:
        raise NameNotFound(f"{name} has no address ({dns.rcode.to_text(reply.rcode())})")
    addresses = tuple(record.address for rrset in found for record in rrset)
    return Answer(addresses, min(rrset.ttl for rrset in reply.answer))


class CachingResolver:
    """Keeps answers for their TTL, at the drill's pace, as real clients do. Thread-safe."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self._lock = threading.Lock()
        self._kept: dict[str, tuple[float, Answer]] = {}

    def resolve(self, name: str) -> Answer:
        """As `resolve`, but asks again only when the kept answer has expired."""
        with self._lock:
            kept = self._kept.get(name)
            if kept and kept[0] > time.monotonic():
                return kept[1]
        answer = resolve(self._directory, name)
        with self._lock:
            self._kept[name] = (time.monotonic() + answer.ttl * self._directory.pace, answer)
        return answer


def conninfo(directory: Directory, host: str, port: int, *, user: str, password: str, database: str) -> dict[str, str]:
    """libpq parameters that reach `host` by the estate's resolver. Raises NameNotFound.

    For the harness's own looks: a host that is busy may take seconds to connect, and that is no finding.
    """
    address = resolve(directory, host).addresses[0]
    return {
        "host": host, "hostaddr": address, "port": str(port), "user": user, "password": password,
        "dbname": database, "connect_timeout": "10", "sslmode": "disable", "gssencmode": "disable",
    }  # fmt: skip
