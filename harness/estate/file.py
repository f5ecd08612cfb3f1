"""Reading an estate file and checking it as a whole: errors name the place and what is wrong with it."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from pydantic import ValidationError

from harness.errors import BadEstate
from harness.estate.model import Alarm, Estate, Resource, SecurityGroup
from harness.estate.protection import Vault
from harness.estate.stores import Cache

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
    for problem in _contradictions(estate):
        raise BadEstate(f"{path}: {problem}", hint=_AGREE)
    return estate


def _invalid(error: ValidationError) -> str:
    """The first thing that is wrong and its place, and how many more there are."""
    first, more = error.errors()[0], error.error_count() - 1
    place = ".".join(str(part) for part in first["loc"])
    unknown = first["type"] == "extra_forbidden"
    said = "there is no such key" if unknown else first["msg"][:1].lower() + first["msg"][1:]
    return f"{place}: {said}" + (f" (and {more} more)" if more else "")


def _contradictions(estate: Estate) -> Iterator[str]:
    """What is wrong between the parts, each being right by itself."""
    yield from _duplicates(estate)
    regions = {estate.regions.primary, estate.regions.dr}
    if len(regions) == 1:
        yield f"primary and DR region are both {estate.regions.primary}"
    placed: tuple[Resource | SecurityGroup | Alarm | Vault, ...] = (
        *estate.databases,
        *estate.caches,
        *estate.buckets,
        *estate.vaults,
        *estate.services,
        *estate.balancers,
        *estate.security_groups,
        *estate.alarms,
    )
    for part in placed:
        if part.region not in regions:
            kind = type(part).__name__.lower()
            yield f"{kind} {part.called} is in {part.region}, neither the primary nor the DR region"
    yield from _dangling(estate)


def _duplicates(estate: Estate) -> Iterator[str]:
    identities: dict[str, list[str]] = {
        "role": [
            *(database.role for database in estate.databases),
            *(cache.role for cache in estate.caches),
            *(bucket.role for bucket in estate.buckets),
            *(service.role for service in estate.services),
            *(balancer.role for balancer in estate.balancers),
        ],
        "database identifier": [f"{d.identifier} in {d.region}" for d in estate.databases],
        "replication group id": [f"{c.identifier} in {c.region}" for c in estate.caches],
        "bucket name": [bucket.name for bucket in estate.buckets],
        "backup vault": [f"{vault.name} in {vault.region}" for vault in estate.vaults],
        "backup plan": [plan.name for plan in estate.backup_plans],
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
    databases = {d.role for d in estate.databases}
    balancers = {b.role for b in estate.balancers}
    groups = {g.id for g in estate.security_groups}
    checks = {c.name for c in estate.health_checks}
    for database in estate.databases:
        if database.security_group not in groups:
            yield f"{database.identifier}: no security group {database.security_group}"
        if database.source and database.source not in databases:
            yield f"{database.identifier}: its source {database.source} is not in the estate"
    for service in estate.services:
        if service.balancer not in balancers or service.database not in databases:
            yield f"{service.service}: its balancer or database is not in the estate"
        if (service.cache is None) != (service.cache_settings is None):
            yield f"{service.service}: cache and cache_settings go together"
        if service.cache and service.cache not in {cache.role for cache in estate.caches}:
            yield f"{service.service}: its cache {service.cache} is not in the estate"
    yield from cache_problems(estate.caches, groups)
    yield from _protection_problems(estate)
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
        source = by_role.get(cache.source)
        if source is None or source.source is not None:
            yield f"{cache.identifier}: its source {cache.source} is no primary cache of the estate"
        elif source.region == cache.region or not cache.global_datastore:
            yield f"{cache.identifier}: a secondary is in another region and names the Global Datastore"
        elif source.global_datastore != cache.global_datastore or source.node_type != cache.node_type:
            yield f"{cache.identifier}: members of a Global Datastore name it alike and have the same node type"
