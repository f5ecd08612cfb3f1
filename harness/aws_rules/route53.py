"""What Route 53 refuses in a change batch. A batch is made whole or not at all.

CREATE and DELETE are looked at in the order of the batch; how records stand beside one another is judged by what the
whole batch would leave behind, so one batch may swap PRIMARY and SECONDARY or replace a CNAME.

Messages are AWS's own where one was found published (issue trackers of SDKs and tools). Two are put together from
their neighbours: a second PRIMARY or SECONDARY, and an unknown health check.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from harness.aws_rules.records import Alias, Change, Key, RecordSet, RuleBroken, bad_values, full_name, listing_order
from harness.aws_rules.zones import BALANCER_ZONES, balancer_name, balancer_region

MAX_CHANGES = 1000
"""Elements in a batch (Route 53 Developer Guide, Quotas); an UPSERT counts twice."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a batch is checked against besides the zone's records: health checks by id, balancers by DNS name."""

    zone_id: str
    zone_name: str
    health_checks: Collection[str] = field(default_factory=frozenset)
    balancers: Collection[str] = field(default_factory=frozenset)


def check_batch(around: Surroundings, current: Iterable[RecordSet], changes: Sequence[Change]) -> tuple[RecordSet, ...]:
    """The zone's records after the batch. Raises RuleBroken with every reason that AWS would list."""
    before = {record.key: record for record in current}
    if sum(2 if change.action == "UPSERT" else 1 for change in changes) > MAX_CHANGES:
        raise RuleBroken("InvalidChangeBatch", f"[Number of records limit of {MAX_CHANGES} exceeded.]")
    after, reasons = _applied(before, changes)
    put = [change.record for change in changes if change.action != "DELETE"]
    for record in put:
        _health_check_exists(record, around.health_checks)
        reasons += bad_values(record)
        reasons += _misplaced(record, around)
        reasons += _bad_alias(record, around, after)
    reasons += _at_odds(after, around.zone_name, {record.key for record in put})
    reasons += _apex_lost(before, after, around.zone_name)
    if reasons:
        raise RuleBroken("InvalidChangeBatch", f"[{', '.join(dict.fromkeys(reasons))}]")
    return tuple(sorted(after.values(), key=listing_order))


def _applied(before: Mapping[Key, RecordSet], changes: Sequence[Change]) -> tuple[dict[Key, RecordSet], list[str]]:
    """The records after the batch, and what in it contradicts what is there."""
    after, reasons = dict(before), []
    for action, record in ((change.action, change.record) for change in changes):
        present = after.get(record.key)
        tried = f"Tried to {action.lower()} resource record set {record.title}"
        if action == "CREATE" and present:
            reasons.append(f"{tried} but it already exists")
        elif action == "DELETE" and not present:
            reasons.append(f"{tried} but it was not found")
        elif action == "DELETE" and present and not _same(record, present):
            reasons.append(f"{tried} but the values provided do not match the current values")
        elif action == "DELETE":
            del after[record.key]
        else:
            after[record.key] = record
    return after, reasons


def _same(asked: RecordSet, present: RecordSet) -> bool:
    """Equal in every value; the order of the values does not count."""
    if asked.alias and present.alias:
        alias_agrees = (
            asked.alias.zone_id == present.alias.zone_id
            and balancer_name(asked.alias.dns_name) == balancer_name(present.alias.dns_name)
            and asked.alias.evaluate_health == present.alias.evaluate_health
        )
    else:
        alias_agrees = asked.alias is present.alias
    return (
        alias_agrees
        and asked.ttl == present.ttl
        and sorted(asked.values) == sorted(present.values)
        and asked.policy == present.policy
        and asked.health_check == present.health_check
    )


def _health_check_exists(record: RecordSet, health_checks: Collection[str]) -> None:
    if record.health_check and record.health_check not in health_checks:
        raise RuleBroken("NoSuchHealthCheck", f"A health check with id {record.health_check} does not exist.", 404)


def _misplaced(record: RecordSet, around: Surroundings) -> Iterator[str]:
    zone = full_name(around.zone_name)
    if record.name != zone and not record.name.endswith(f".{zone}"):
        yield f"RRSet with DNS name {record.name} is not permitted in zone {zone}"
    if record.type == "CNAME" and record.name == zone:
        yield f"RRSet of type CNAME with DNS name {record.name} is not permitted at apex in zone {zone}"
    if record.failover == "PRIMARY" and not record.alias and not record.health_check:
        yield "A non-alias primary ResourceRecordSet must have an associated health check. No changes made."


def _bad_alias(record: RecordSet, around: Surroundings, after: Mapping[Key, RecordSet]) -> Iterator[str]:
    """An alias must lie within the zone it names, and point to something that is there."""
    if not record.alias:
        return
    tried = (
        f"Tried to create an alias that targets {record.alias.dns_name}, type {record.type} "
        f"in zone {record.alias.zone_id}"
    )
    if not _lies_within(record.alias, around):
        yield f"{tried}, but the alias target name does not lie within the target zone"
        yield f"{tried}, but that target was not found"
    elif not _is_there(record, record.alias, around, after):
        yield f"{tried}, but that target was not found"


def _lies_within(alias: Alias, around: Surroundings) -> bool:
    if alias.zone_id == around.zone_id:
        return f".{alias.dns_name}".endswith(f".{full_name(around.zone_name)}")
    region = balancer_region(alias.dns_name)
    return region is not None and BALANCER_ZONES.get(region) == alias.zone_id


def _is_there(record: RecordSet, alias: Alias, around: Surroundings, after: Mapping[Key, RecordSet]) -> bool:
    if alias.zone_id == around.zone_id:
        return any(other.name == alias.dns_name and other.type == record.type for other in after.values())
    return balancer_name(alias.dns_name) in around.balancers


def _at_odds(after: Mapping[Key, RecordSet], zone_name: str, put: Collection[Key]) -> Iterator[str]:
    """Records that cannot stand beside one another; only what the batch put is to blame."""
    for name, named in groupby(sorted(after.values(), key=listing_order), key=lambda record: record.name):
        records = list(named)
        yield from _cname_beside_others(name, records, full_name(zone_name), put)
        for _, typed in groupby(records, key=lambda record: record.type):
            yield from _policies_clash(list(typed), put)


def _cname_beside_others(name: str, records: Sequence[RecordSet], zone: str, put: Collection[Key]) -> Iterator[str]:
    types = {record.type for record in records}
    if "CNAME" not in types or len(types) == 1:
        return
    for record in records:
        if record.key not in put:
            continue
        refused = f"RRSet of type {record.type} with DNS name {name} is not permitted"
        if record.type == "CNAME":
            yield f"{refused} as it conflicts with other records with the same DNS name in zone {zone}"
        else:
            conflicting = "a conflicting RRSet of type CNAME with the same DNS name already exists"
            yield f"{refused} because {conflicting} in zone {zone}"


_KIND = {"Weight": "weighted", "Region": "latency", "Failover": "failover", "GeoLocation": "geolocation"}


def _policies_clash(records: Sequence[RecordSet], put: Collection[Key]) -> Iterator[str]:
    """Same name and type: one simple record, or several of one routing policy with one PRIMARY and one SECONDARY."""
    for record in records:
        if record.key not in put:
            continue
        others = [other for other in records if other.key != record.key]
        what = f"RRSet with DNS name {record.name}, type {record.type}"
        if record.policy is None:
            if others:
                yield f"{what} cannot be created as other RRSets exist with the same name and type."
            continue
        what += f", SetIdentifier {record.set_identifier}"
        if any(other.policy is None or other.policy[0] != record.policy[0] for other in others):
            kind = _KIND.get(record.policy[0], record.policy[0])
            yield f"{what} cannot be created as a non-{kind} set exists with the same name and type."
        elif record.failover and any(other.failover == record.failover for other in others):
            marked = record.failover.lower()
            exists = f"a {marked} failover RRSet with the same name and type already exists"
            yield f"{what}, marked as {marked} cannot be created because {exists}"


def _apex_lost(before: Mapping[Key, RecordSet], after: Mapping[Key, RecordSet], zone_name: str) -> Iterator[str]:
    zone = full_name(zone_name)
    if (zone, "SOA", "") in before and (zone, "SOA", "") not in after:
        yield "A HostedZone must contain exactly one SOA record."
    if (zone, "NS", "") in before and (zone, "NS", "") not in after:
        yield "A HostedZone must contain at least one NS record for the zone itself."
