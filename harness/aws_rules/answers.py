"""What Route 53 answers from its records and what it knows of health (Developer Guide, "How Route 53 chooses records").

A record is healthy when its health check is, and, for an alias that evaluates its target, when the target is too; a
record with neither is always healthy. With both of a failover pair unhealthy the primary is answered.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from harness.aws_rules.durations import ALIAS_TTL
from harness.aws_rules.records import Alias, RecordSet, full_name, listing_order
from harness.aws_rules.zones import balancer_region

ANSWERED = ("A", "AAAA", "CNAME", "TXT", "MX", "NS", "SOA")
_DEEPEST_ALIAS = 8


@dataclass(frozen=True, slots=True)
class DnsAnswer:
    """Values of a name and type, to be kept for `ttl` seconds; `kind` is CNAME where an A query meets one."""

    kind: str
    ttl: int
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Health:
    """What Route 53 can find out while it answers."""

    check: Callable[[str], bool]
    """Whether a health check, by id, is healthy."""
    balancer: Callable[[str], bool]
    """Whether a balancer, by DNS name, has a healthy target; none registered is unhealthy."""
    addresses: Callable[[str], tuple[str, ...]]
    """A balancer's addresses, none while it does not run."""


def answer_table(records: Iterable[RecordSet], health: Health) -> dict[tuple[str, str], DnsAnswer]:
    """The answer to every name and type of the zone that has one now."""
    ordered = sorted(records, key=listing_order)
    found: dict[tuple[str, str], DnsAnswer] = {}
    for (name, kind), _ in groupby(ordered, key=lambda record: (record.name, record.type)):
        if kind in ANSWERED and (given := answer(ordered, name, kind, health)):
            found[(name, kind)] = given
    return found


def answer(records: Sequence[RecordSet], name: str, kind: str, health: Health, depth: int = 0) -> DnsAnswer | None:
    """The answer for one name and type; None where there is none. A CNAME answers any type."""
    name = full_name(name)
    for asked in dict.fromkeys((kind, "CNAME")):
        candidates = [record for record in records if record.name == name and record.type == asked]
        if not candidates:
            continue
        chosen = choose(candidates, health)
        if not chosen.alias:
            return DnsAnswer(asked, chosen.ttl or 0, chosen.values)
        return _through(chosen.alias, records, kind, health, depth)
    return None


def _through(alias: Alias, records: Sequence[RecordSet], kind: str, health: Health, depth: int) -> DnsAnswer | None:
    if balancer_region(alias.dns_name):
        addresses = health.addresses(alias.dns_name) if kind == "A" else ()
        return DnsAnswer("A", ALIAS_TTL, addresses) if addresses else None
    return answer(records, alias.dns_name, kind, health, depth + 1) if depth < _DEEPEST_ALIAS else None


def choose(candidates: Sequence[RecordSet], health: Health) -> RecordSet:
    """Which of the record sets of one name and type is answered."""
    by_role: Mapping[str | None, RecordSet] = {record.failover: record for record in candidates}
    primary, secondary = by_role.get("PRIMARY"), by_role.get("SECONDARY")
    if primary is None or secondary is None:
        return next((record for record in candidates if is_healthy(record, health)), candidates[0])
    if not is_healthy(primary, health) and is_healthy(secondary, health):
        return secondary
    return primary


def is_healthy(record: RecordSet, health: Health) -> bool:
    if record.health_check and not health.check(record.health_check):
        return False
    evaluated = record.alias and record.alias.evaluate_health and balancer_region(record.alias.dns_name)
    return not evaluated or record.alias is None or health.balancer(record.alias.dns_name)
