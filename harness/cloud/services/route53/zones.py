"""The hosted zones' own state: what the API shows, what the name servers answer, and the changes under way."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import count
from typing import Any

from harness.aws_rules.records import Change, RecordSet, RuleBroken, full_name, listing_order
from harness.aws_rules.route53 import Surroundings, check_batch
from harness.cloud.service import AwsError

NAME_SERVERS = ("ns-421.awsdns-52.com", "ns-1187.awsdns-20.org", "ns-1770.awsdns-29.co.uk", "ns-802.awsdns-36.net")
_NS_TTL = 172800
_SOA_TTL = 900


@dataclass(frozen=True, slots=True)
class HostedZone:
    """`records` is what the API shows; `served` what is answered, from the batch numbered `served_batch`."""

    id: str
    name: str
    caller_reference: str
    comment: str
    records: tuple[RecordSet, ...]
    served: tuple[RecordSet, ...]
    served_batch: int = 0


@dataclass(frozen=True, slots=True)
class Batch:
    """A change batch that was accepted; PENDING until the name servers answer by it."""

    id: str
    number: int
    zone_id: str
    submitted: datetime
    comment: str
    records: tuple[RecordSet, ...]
    status: str = "PENDING"


class HostedZones:
    """All zones and batches. Thread-safe; refusals are AwsError."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._zones: dict[str, HostedZone] = {}
        self._batches: dict[str, Batch] = {}
        self._numbers = count(1)

    def create(self, name: str, caller_reference: str, comment: str = "") -> HostedZone:
        """Make a zone with its NS and SOA records, answered at once."""
        with self._lock:
            if any(zone.caller_reference == caller_reference for zone in self._zones.values()):
                raise AwsError(
                    "HostedZoneAlreadyExists",
                    f"A hosted zone has already been created with the specified caller reference: {caller_reference}",
                    409,
                )
            records = _own_records(full_name(name))
            zone_id = aws_id("Z", caller_reference)
            zone = HostedZone(zone_id, full_name(name), caller_reference, comment, records, records)
            self._zones[zone.id] = zone
            return zone

    def all(self) -> tuple[HostedZone, ...]:
        with self._lock:
            return tuple(sorted(self._zones.values(), key=lambda zone: tuple(reversed(zone.name.split(".")))))

    def get(self, zone_id: str) -> HostedZone:
        """Raises NoSuchHostedZone."""
        with self._lock:
            zone = self._zones.get(bare(zone_id))
        if zone is None:
            raise AwsError("NoSuchHostedZone", f"No hosted zone found with ID: {bare(zone_id)}", 404)
        return zone

    def accept(self, around: Surroundings, changes: Sequence[Change], comment: str) -> Batch:
        """Check a batch and show its records from now on; they are answered when it is `finish`ed."""
        with self._lock:
            zone = self.get(around.zone_id)
            try:
                records = check_batch(around, zone.records, changes)
            except RuleBroken as broken:
                raise AwsError(broken.code, broken.message, broken.status) from broken
            _answerable(changes)
            number = next(self._numbers)
            batch = Batch(aws_id("C", f"{zone.id}{number}"), number, zone.id, datetime.now(UTC), comment, records)
            self._batches[batch.id] = batch
            self._zones[zone.id] = replace(zone, records=records)
            return batch

    def finish(self, batch: Batch) -> None:
        """From now on the name servers answer by this batch, unless they already answer by a later one."""
        with self._lock:
            zone = self.get(batch.zone_id)
            if batch.number > zone.served_batch:
                self._zones[zone.id] = replace(zone, served=batch.records, served_batch=batch.number)

    def mark_in_sync(self, batch: Batch) -> None:
        with self._lock:
            self._batches[batch.id] = replace(batch, status="INSYNC")

    def batch(self, batch_id: str) -> Batch:
        """Raises NoSuchChange."""
        with self._lock:
            found = self._batches.get(batch_id.removeprefix("/change/"))
        if found is None:
            raise AwsError("NoSuchChange", f"Could not find resource with ID: {batch_id}", 404)
        return found

    def served(self) -> Iterator[RecordSet]:
        """Every record that is answered now."""
        for zone in self.all():
            yield from zone.served


def _answerable(changes: Sequence[Change]) -> None:
    """Refuse honestly what the resolver could not answer as Route 53 does."""
    for policy in (change.record.policy for change in changes):
        if policy and policy[0] != "Failover":
            raise AwsError("NotImplemented", f"the embedded cloud does not route by {policy[0]}", 501)


def aws_id(letter: str, seed: str) -> str:
    """An id in AWS's form that is the same for the same seed."""
    return letter + hashlib.sha256(f"{letter}{seed}".encode()).hexdigest()[:19].upper()


def bare(zone_id: str) -> str:
    return zone_id.removeprefix("/hostedzone/")


def shown_zone(zone: HostedZone) -> dict[str, Any]:
    return {
        "Id": f"/hostedzone/{zone.id}",
        "Name": zone.name,
        "CallerReference": zone.caller_reference,
        "Config": {"Comment": zone.comment, "PrivateZone": False},
        "ResourceRecordSetCount": len(zone.records),
    }


def shown_batch(batch: Batch) -> dict[str, Any]:
    shown = {"Id": f"/change/{batch.id}", "Status": batch.status, "SubmittedAt": batch.submitted}
    return {**shown, "Comment": batch.comment} if batch.comment else shown


def page_of(zone: HostedZone, name: str | None, kind: str | None, identifier: str | None) -> list[RecordSet]:
    """The zone's records in Route 53's order, from a name, a type and a set identifier on."""
    if kind and not name:
        raise AwsError("InvalidInput", "The input is not valid: type is specified but name is not")
    ordered = sorted(zone.records, key=listing_order)
    if not name:
        return ordered
    first = listing_order(RecordSet(full_name(name), kind or "", identifier or ""))
    return [record for record in ordered if listing_order(record) >= first]


def _own_records(name: str) -> tuple[RecordSet, ...]:
    soa = f"{NAME_SERVERS[0]}. awsdns-hostmaster.amazon.com. 1 7200 900 1209600 86400"
    return (
        RecordSet(name, "NS", ttl=_NS_TTL, values=tuple(f"{server}." for server in NAME_SERVERS)),
        RecordSet(name, "SOA", ttl=_SOA_TTL, values=(soa,)),
    )
