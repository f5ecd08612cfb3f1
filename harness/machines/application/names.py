"""Names become addresses by asking the configured DNS server, and an answer is kept for its TTL."""

from __future__ import annotations

import time

import dns.asyncquery
import dns.exception
import dns.message
import dns.rcode
import dns.rdatatype

from harness.machines.application.errors import NameNotResolved

_PATIENCE = 0.3
"""Seconds to wait for an answer over UDP before asking once more."""


class Names:
    """Addresses of names, each kept for its TTL multiplied by `pace`."""

    def __init__(self, server: tuple[str, int], pace: float) -> None:
        self._server = server
        self._pace = pace
        self._kept: dict[str, tuple[float, str]] = {}

    async def address(self, name: str) -> str:
        """The first IPv4 address of `name`. Raises NameNotResolved."""
        kept = self._kept.get(name)
        if kept and kept[0] > time.monotonic():
            return kept[1]
        address, ttl = await self._ask(name)
        self._kept[name] = (time.monotonic() + ttl * self._pace, address)
        return address

    async def _ask(self, name: str) -> tuple[str, int]:
        query = dns.message.make_query(name, "A")
        host, port = self._server
        try:
            reply = await dns.asyncquery.udp(query, host, port=port, timeout=_PATIENCE)
        except dns.exception.Timeout:
            try:
                reply = await dns.asyncquery.udp(query, host, port=port, timeout=_PATIENCE)
            except (OSError, dns.exception.DNSException) as error:
                raise NameNotResolved(f"{name}: the DNS server does not answer") from error
        except (OSError, dns.exception.DNSException) as error:
            raise NameNotResolved(f"{name}: the DNS server cannot be asked: {error}") from error
        addresses = [record.address for rrset in reply.answer if rrset.rdtype == dns.rdatatype.A for record in rrset]
        if not addresses:
            raise NameNotResolved(f"{name} has no address ({dns.rcode.to_text(reply.rcode())})")
        return addresses[0], min(rrset.ttl for rrset in reply.answer)
