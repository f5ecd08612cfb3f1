"""Route 53's record sets as values, and the checks of a record set taken alone.

Two record sets are the same one when name, type and SetIdentifier agree. Names are compared in lower case with a
trailing dot.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from typing import Any

Key = tuple[str, str, str]

POLICIES = (
    "Weight",
    "Region",
    "Failover",
    "GeoLocation",
    "MultiValueAnswer",
    "CidrRoutingConfig",
    "GeoProximityLocation",
)
"""The fields that make a record set something other than simple; each needs a SetIdentifier."""
_ADDRESSES: Mapping[str, tuple[int, Callable[[str], IPv4Address | IPv6Address]]] = {
    "A": (4, IPv4Address),
    "AAAA": (6, IPv6Address),
}
_POLICIES = f"[{', '.join(POLICIES[:-1])}, or {POLICIES[-1]}]"
_WAYS = "[AliasTarget, all of [TTL, and ResourceRecords], or TrafficPolicyInstanceId]"


class RuleBroken(Exception):
    """AWS would refuse this: its error code, its message, its HTTP status."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status


@dataclass(frozen=True, slots=True)
class Alias:
    """Where an alias points: a name in a hosted zone, ours or one of AWS's."""

    zone_id: str
    dns_name: str
    evaluate_health: bool


@dataclass(frozen=True, slots=True)
class RecordSet:
    """One record set. `policy` is the routing field and its value, such as ("Failover", "PRIMARY"); None is simple."""

    name: str
    type: str
    set_identifier: str = ""
    ttl: int | None = None
    values: tuple[str, ...] = ()
    alias: Alias | None = None
    policy: tuple[str, Any] | None = None
    health_check: str | None = None

    @property
    def key(self) -> Key:
        return (self.name, self.type, self.set_identifier)

    @property
    def failover(self) -> str | None:
        """PRIMARY, SECONDARY or None."""
        return self.policy[1] if self.policy and self.policy[0] == "Failover" else None

    @property
    def title(self) -> str:
        """As AWS names a record set in its refusals."""
        identifier = f", set-identifier='{self.set_identifier}'" if self.set_identifier else ""
        return f"[name='{self.name}', type='{self.type}'{identifier}]"


@dataclass(frozen=True, slots=True)
class Change:
    """One line of a change batch; `action` is CREATE, UPSERT or DELETE."""

    action: str
    record: RecordSet


def full_name(name: str) -> str:
    """The name as Route 53 keeps it."""
    return name.rstrip(".").lower() + "."


def changes_of(raw: Sequence[Mapping[str, Any]]) -> tuple[Change, ...]:
    """A request's `Changes`. Raises RuleBroken (InvalidInput) for a record set that cannot exist by itself."""
    if not raw:
        raise RuleBroken("InvalidInput", "1 validation error detected: changes must have at least one member")
    return tuple(Change(_action(line), record_of(line["ResourceRecordSet"], action=line["Action"])) for line in raw)


def _action(line: Mapping[str, Any]) -> str:
    action = str(line["Action"])
    if action not in {"CREATE", "UPSERT", "DELETE"}:
        raise RuleBroken(
            "InvalidInput",
            f"Invalid XML ; cvc-enumeration-valid: Value '{action}' is not facet-valid with respect to enumeration "
            "'[CREATE, DELETE, UPSERT]'. It must be a value from the enumeration.",
        )
    return action


def record_of(raw: Mapping[str, Any], *, action: str = "UPSERT") -> RecordSet:
    """A `ResourceRecordSet` of the API. Raises RuleBroken (InvalidInput)."""
    _shape(raw, action)
    alias = raw.get("AliasTarget")
    policy = next(((field, raw[field]) for field in POLICIES if raw.get(field) is not None), None)
    return RecordSet(
        name=full_name(raw["Name"]),
        type=raw["Type"],
        set_identifier=raw.get("SetIdentifier") or "",
        ttl=None if alias else int(raw["TTL"]),
        values=tuple(value["Value"] for value in raw.get("ResourceRecords", ())),
        alias=Alias(_bare_id(alias["HostedZoneId"]), full_name(alias["DNSName"]), bool(alias["EvaluateTargetHealth"]))
        if alias
        else None,
        policy=policy,
        health_check=raw.get("HealthCheckId"),
    )


def _shape(raw: Mapping[str, Any], action: str) -> None:
    """What Route 53 wants of the fields: alias or TTL and records; one policy with a SetIdentifier, or neither."""
    identifier = raw.get("SetIdentifier") or "null"
    where = f"in Change with [Action={action}, Name={raw['Name']}, Type={raw['Type']}, SetIdentifier={identifier}]"
    plain = [raw.get("TTL") is not None, bool(raw.get("ResourceRecords"))]
    if raw.get("AliasTarget") and any(plain):
        raise _invalid(f"Expected exactly one of {_WAYS}, but found more than one {where}")
    if not raw.get("AliasTarget") and not all(plain):
        raise _invalid(f"Expected exactly one of {_WAYS}, but found none {where}")
    found = [field for field in POLICIES if raw.get(field) is not None]
    if len(found) > 1:
        raise _invalid(f"Expected exactly one of {_POLICIES}, but found more than one {where}")
    if found and not raw.get("SetIdentifier"):
        raise _invalid(f"Missing field 'SetIdentifier' {where}")
    if raw.get("SetIdentifier") and not found:
        raise _invalid(f"Expected exactly one of {_POLICIES}, but found none {where}")


def _invalid(reason: str) -> RuleBroken:
    return RuleBroken("InvalidInput", f"Invalid request: {reason}")


def _bare_id(zone_id: str) -> str:
    return zone_id.removeprefix("/hostedzone/")


def bad_values(record: RecordSet) -> Iterator[str]:
    """Why AWS would not take a value: A and AAAA hold one address each. A CNAME may hold what looks like an address."""
    for value in record.values:
        if why := _unlike_an_address(record.type, value):
            yield f"Invalid Resource Record: 'FATAL problem: {record.type}{why} encountered with '{value}''"


def _unlike_an_address(kind: str, value: str) -> str | None:
    if kind not in _ADDRESSES:
        return None
    if " " in value.strip():
        return "RRDATANotSingleField (Value contains spaces)"
    version, read = _ADDRESSES[kind]
    try:
        if "%" in read(value).compressed:  # no name server hands out a zone of the asking host
            raise AddressValueError(value)
    except AddressValueError:
        return f"RRDATAIllegalIPv{version}Address (Value is not a valid IPv{version} address)"
    return None


def as_aws(record: RecordSet) -> dict[str, Any]:
    """The record set in the shape of the API."""
    shown: dict[str, Any] = {"Name": record.name.replace("*", "\\052"), "Type": record.type}
    if record.set_identifier:
        shown["SetIdentifier"] = record.set_identifier
    if record.policy:
        shown[record.policy[0]] = record.policy[1]
    if record.alias:
        shown["AliasTarget"] = {
            "HostedZoneId": record.alias.zone_id,
            "DNSName": record.alias.dns_name,
            "EvaluateTargetHealth": record.alias.evaluate_health,
        }
    else:
        shown["TTL"] = record.ttl
        shown["ResourceRecords"] = [{"Value": value} for value in record.values]
    if record.health_check:
        shown["HealthCheckId"] = record.health_check
    return shown


def listing_order(record: RecordSet) -> tuple[tuple[str, ...], str, str]:
    """Route 53 lists by the labels of the name from the right, then by type (API reference, ListResourceRecordSets)."""
    return (tuple(reversed(record.name.rstrip(".").split("."))), record.type, record.set_identifier)
