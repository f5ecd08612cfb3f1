"""Reading an estate file and checking it as a whole: errors name the place and what is wrong with it."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError

from harness.errors import BadEstate
from harness.estate.entrance import Balancer
from harness.estate.model import KINDS, Alarm, Estate, Resource, SecurityGroup
from harness.estate.parts import Role
from harness.estate.protection import Vault
from harness.estate.stores import Cache, Database

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

_TOLD = 5
"""So many things that are wrong are told at once."""
_NAME_ANOTHER = "Mend it, or name another with DRILL_ESTATE; scenarios/labelmint.toml is one that works."
_KEYS = "Mend it there; scenarios/labelmint.toml shows the keys, harness/estate/ what each may hold."
_AGREE = "Mend it there; scenarios/labelmint.toml shows how the parts fit together."


def load_estate(path: Path) -> Estate:
    """Read and check an estate file. Raises BadEstate naming the place and what is wrong with it."""
    try:
        with path.open("rb") as file:
            estate = Estate.model_validate(tomllib.load(file))
    except OSError as error:
        raise BadEstate(f"the estate file {path} cannot be read: {error.strerror}", hint=_NAME_ANOTHER) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadEstate(f"the estate file {path} is not TOML: {error}", hint=_NAME_ANOTHER) from error
    except ValidationError as error:
        raise BadEstate(f"{path}: {_invalid(error)}", hint=_KEYS) from error
    if problems := list(_contradictions(estate)):
        raise BadEstate(f"{path}: {_listed(problems)}", hint=_AGREE)
    return estate


def _invalid(error: ValidationError) -> str:
    """What is wrong and its place. Keys that nobody knows come first: they are why those they were meant to be miss."""
    return _listed([_in_words(one) for one in sorted(error.errors(), key=lambda one: one["type"] != "extra_forbidden")])


def _in_words(one: ErrorDetails) -> str:
    place = ".".join(str(part) for part in one["loc"])
    unknown = one["type"] == "extra_forbidden"
    return f"{place}: " + ("there is no such key" if unknown else one["msg"][:1].lower() + one["msg"][1:])


def _listed(problems: Sequence[str]) -> str:
    """The first few, and how many more there are."""
    more = f"; and {len(problems) - _TOLD} more" if len(problems) > _TOLD else ""
    return "; ".join(problems[:_TOLD]) + more


def _contradictions(estate: Estate) -> Iterator[str]:
    """What is wrong between the parts, each being right by itself."""
    yield from _duplicates(estate)
    regions = {estate.regions.primary, estate.regions.dr}
    if len(regions) == 1:
        yield f"primary and DR region are both {estate.regions.primary}"
    placed: tuple[Resource | SecurityGroup | Alarm | Vault, ...] = (
        *estate.resources,
        *estate.vaults,
        *estate.security_groups,
        *estate.alarms,
    )
    for part in placed:
        if part.region not in regions:
            yield f"{_kind(type(part))} {part.called} is in {part.region}, neither the primary nor the DR region"
    yield from _misplaced(estate)
    yield from _dangling(estate)


def _kind(part: type[object]) -> str:
    return part.__name__.lower()


def _misplaced(estate: Estate) -> Iterator[str]:
    """Resources in a place for another kind, and roles that are named where another kind is needed, or none is."""
    by_role = {resource.role: resource for resource in estate.resources}
    for role, resource in by_role.items():
        if not isinstance(resource, KINDS[role]):
            yield f"{_kind(type(resource))} {resource.called} cannot be the {role}: that is a {_kind(KINDS[role])}"
    for where, named, kind in _named(estate):
        if named is not None and named not in by_role:
            yield f"{where} {named} is not in the estate"
        elif named is not None and not isinstance(by_role[named], kind):
            yield f"{where} {named} is a {_kind(type(by_role[named]))}, not a {_kind(kind)}"


def _named(estate: Estate) -> Iterator[tuple[str, Role | None, type[Resource]]]:
    """Wherever a role is named: the place, the role, and the kind that it must be of."""
    for alarm in estate.alarms:
        yield f"alarm {alarm.name}: its database", alarm.database, Database
        yield f"alarm {alarm.name}: its cache", alarm.cache, Cache
        yield f"alarm {alarm.name}: its balancer", alarm.balancer, Balancer
    for check in estate.health_checks:
        yield f"health check {check.name}: its balancer", check.balancer, Balancer
    for record in estate.zone.records:
        yield f"record {record.name}: its alias", record.alias, Balancer
        yield f"record {record.name}: what it points to,", record.points_to, Database
    for service in estate.services:
        yield f"{service.service}: its balancer", service.balancer, Balancer
        yield f"{service.service}: its database", service.database, Database
        yield f"{service.service}: its cache", service.cache, Cache
    for database in estate.databases:
        yield f"{database.identifier}: its source", database.source, Database
    for cache in estate.caches:
        yield f"{cache.identifier}: its source", cache.source, Cache


def _duplicates(estate: Estate) -> Iterator[str]:
    identities: dict[str, list[str]] = {
        "role": [resource.role for resource in estate.resources],
        "database identifier": [f"{d.identifier} in {d.region}" for d in estate.databases],
        "replication group id": [f"{c.identifier} in {c.region}" for c in estate.caches],
        "bucket name": [bucket.name for bucket in estate.buckets],
        "backup vault": [f"{vault.name} in {vault.region}" for vault in estate.vaults],
        "backup plan": [plan.name for plan in estate.backup_plans],
        "balancer": [f"{b.name} in {b.region}" for b in estate.balancers],
        "target group": [f"{b.target_group} in {b.region}" for b in estate.balancers],
        "service": [f"{s.service} of {s.cluster} in {s.region}" for s in estate.services],
        "security group id": [group.id for group in estate.security_groups],
        "health check": [check.name for check in estate.health_checks],
        "alarm": [f"{alarm.name} in {alarm.region}" for alarm in estate.alarms],
        "record": [f"{r.name} {r.type} {r.set_identifier or ''}".rstrip() for r in estate.zone.records],
    }
    for what, names in identities.items():
        for name, count in Counter(names).items():
            if count > 1:
                yield f"duplicate {what} {name}"


def _dangling(estate: Estate) -> Iterator[str]:
    groups = {g.id for g in estate.security_groups}
    checks = {c.name for c in estate.health_checks}
    for database in estate.databases:
        if database.security_group not in groups:
            yield f"{database.identifier}: no security group {database.security_group}"
        if database.quarantine_group and database.quarantine_group not in groups:
            yield f"{database.identifier}: no security group {database.quarantine_group}"
        if database.source and not database.raised:
            yield f"{database.identifier}: what a recovery makes has no source"
    for service in estate.services:
        if (service.cache is None) != (service.cache_settings is None):
            yield f"{service.service}: cache and cache_settings go together"
    yield from cache_problems(estate.caches, groups)
    yield from _protection_problems(estate)
    for alarm in estate.alarms:
        if [alarm.database, alarm.cache, alarm.balancer].count(None) != 2:
            yield f"alarm {alarm.name} watches one database, one cache or one balancer"
    yield from _zone_problems(estate, checks)


def _zone_problems(estate: Estate, checks: set[str]) -> Iterator[str]:
    zone = estate.zone
    for name in (zone.public_name, zone.database_name):
        if name not in {record.name for record in zone.records}:
            yield f"{name} has no record in the zone {zone.name}"
    for record in zone.records:
        if record.name != zone.name and not record.name.endswith(f".{zone.name}"):
            yield f"record {record.name} is outside the zone {zone.name}"
        if (record.alias is None) == (record.points_to is None):
            yield f"record {record.name} needs either alias or points_to"
        if record.health_check and record.health_check not in checks:
            yield f"record {record.name}: no health check {record.health_check}"


def _protection_problems(estate: Estate) -> Iterator[str]:
    buckets = {bucket.role: bucket for bucket in estate.buckets}
    vaults = {vault.name for vault in estate.vaults}
    for bucket in estate.buckets:
        copy = buckets.get(bucket.replicates_to) if bucket.replicates_to else bucket
        if copy is None or (bucket.replicates_to is not None and copy is bucket):
            yield f"{bucket.name}: {bucket.replicates_to} is no other bucket of the estate"
        elif bucket.replicates_to and not (bucket.versioning and copy.versioning):
            yield f"{bucket.name}: both ends of a replication are versioned"
    protected = {*(one.role for one in estate.databases), *buckets}
    for plan in estate.backup_plans:
        for vault in filter(None, (plan.vault, plan.copies_to)):
            if vault not in vaults:
                yield f"{plan.name}: no vault {vault}"
        for role in plan.protects:
            if role not in protected:
                yield f"{plan.name}: what it protects, {role}, is no database or bucket of the estate"


def cache_problems(caches: Sequence[Cache], security_groups: Collection[str]) -> Iterator[str]:
    """What is wrong between the caches and the rest."""
    by_role = {cache.role: cache for cache in caches}
    for cache in caches:
        if cache.security_group not in security_groups:
            yield f"{cache.identifier}: no security group {cache.security_group}"
        if cache.automatic_failover and cache.nodes < 2:
            yield f"{cache.identifier}: automatic failover needs two nodes"
        if cache.source is None:
            continue
        if not cache.raised:
            yield f"{cache.identifier}: what a recovery makes has no source"
        source = by_role.get(cache.source)
        if source is None or source.source is not None:
            yield f"{cache.identifier}: its source {cache.source} is no primary cache of the estate"
        elif source.region == cache.region or not cache.global_datastore:
            yield f"{cache.identifier}: a secondary is in another region and names the Global Datastore"
        elif source.global_datastore != cache.global_datastore or source.node_type != cache.node_type:
            yield f"{cache.identifier}: members of a Global Datastore name it alike and have the same node type"
