"""The estate as data: LabelMint's named resources in two regions, read from a TOML file and checked as a whole.

A role is a resource's place in the estate; drills speak of roles, only the estate knows identifiers.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, ValidationError

from harness.errors import BadEstate
from harness.estate_caches import Cache, cache_problems
from harness.estate_parts import Name, Part, Placed, Port, Role

__all__ = ["Cache", "Estate", "Part", "Placed", "Role", "load_estate"]


class Regions(Part):
    """The region that serves and the one that stands by."""

    primary: Name
    dr: Name


class SecurityGroup(Placed):
    """What may reach a resource: the TCP ports that the application's group may come in on."""

    id: Name
    name: Name
    ingress_ports: tuple[Port, ...] = ()


class Database(Placed):
    """An RDS instance; with a `source` it is a read replica of that role."""

    role: Role
    identifier: Name
    instance_class: Name = "db.r6g.large"
    engine_version: Name = "18.6"
    multi_az: bool = False
    backup_retention_days: Annotated[int, Field(ge=0, le=35)] = 0
    backup_window: Annotated[str, Field(pattern=r"^\d\d:\d\d-\d\d:\d\d$")] = "03:00-04:00"
    parameter_group: Name = "default.postgres18"
    subnet_group: Name = "default"
    encrypted: bool = False
    allocated_gib: Annotated[int, Field(ge=20)] = 100
    source: Role | None = None
    security_group: Name
    apply_delay: timedelta = timedelta(0)


class Seed(Part):
    """How much data the database holds before anybody writes."""

    database: Name = "labelmint"
    users: Annotated[int, Field(ge=1)] = 500
    projects: Annotated[int, Field(ge=1)] = 50
    task_submissions: Annotated[int, Field(ge=1)] = 5000


class Service(Placed):
    """An ECS service, its settings (SSM parameters below `settings`) and the target group it serves."""

    role: Role
    cluster: Name
    service: Name
    task_family: Name
    desired_count: Annotated[int, Field(ge=0, le=20)]
    container_port: Port = 3000
    balancer: Role
    settings: Name
    secret: Name
    database: Role
    cache: Role | None = None
    cache_settings: Name | None = None
    """Where the cache's `endpoint` and `port` are, as `settings` is for the database's."""


class Balancer(Placed):
    """An application load balancer with one listener and one target group, health-checked at `health_path`."""

    role: Role
    name: Name
    target_group: Name
    listener_port: Port = 80
    health_path: Name = "/health"


class HealthCheck(Part):
    """A Route 53 health check of a balancer; `interval` is 10 or 30 seconds as in AWS."""

    name: Name
    balancer: Role
    path: Name = "/health"
    interval: Literal[10, 30] = 10
    failure_threshold: Annotated[int, Field(ge=1, le=10)] = 3


class RecordSet(Part):
    """A record of the zone: an alias of a balancer, or a CNAME of a database's endpoint."""

    name: Name
    type: Literal["A", "CNAME"]
    ttl: Annotated[int, Field(ge=0, le=2147483647)] | None = None
    alias: Role | None = None
    points_to: Role | None = None
    failover: Literal["PRIMARY", "SECONDARY"] | None = None
    set_identifier: Name | None = None
    health_check: Name | None = None


class Zone(Part):
    """The hosted zone; `public_name` is where users come in, `database_name` where direct writers do."""

    name: Name
    public_name: Name
    database_name: Name
    records: tuple[RecordSet, ...]


class Alarm(Placed):
    """A CloudWatch alarm on one database's metric."""

    name: Name
    metric: Name
    database: Role
    statistic: Literal["Average", "Minimum", "Maximum", "Sum", "SampleCount"] = "Average"
    comparison: Literal[
        "GreaterThanThreshold", "GreaterThanOrEqualToThreshold", "LessThanThreshold", "LessThanOrEqualToThreshold"
    ]
    threshold: float
    period: Annotated[int, Field(ge=10)] = 60
    evaluation_periods: Annotated[int, Field(ge=1)] = 1
    treat_missing_data: Literal["breaching", "notBreaching", "ignore", "missing"] = "missing"


class Estate(Part):
    """Everything a drill may raise, break and recover."""

    name: Name
    account_id: Annotated[str, Field(pattern=r"^\d{12}$")]
    regions: Regions
    seed: Seed = Seed()
    security_groups: tuple[SecurityGroup, ...]
    databases: tuple[Database, ...]
    caches: tuple[Cache, ...] = ()
    balancers: tuple[Balancer, ...]
    services: tuple[Service, ...]
    health_checks: tuple[HealthCheck, ...] = ()
    zone: Zone
    alarms: tuple[Alarm, ...] = ()

    def database(self, role: Role) -> Database:
        """The database in that place. Raises BadEstate when the estate has none."""
        for database in self.databases:
            if database.role is role:
                return database
        raise BadEstate(f"the estate has no {role}", hint="Add a [[databases]] entry with that role.")

    def cache(self, role: Role) -> Cache:
        """The cache in that place. Raises BadEstate when the estate has none."""
        for cache in self.caches:
            if cache.role is role:
                return cache
        raise BadEstate(f"the estate has no {role}", hint="Add a [[caches]] entry with that role.")

    def service(self, role: Role) -> Service:
        for service in self.services:
            if service.role is role:
                return service
        raise BadEstate(f"the estate has no {role}", hint="Add a [[services]] entry with that role.")

    def balancer(self, role: Role) -> Balancer:
        for balancer in self.balancers:
            if balancer.role is role:
                return balancer
        raise BadEstate(f"the estate has no {role}", hint="Add a [[balancers]] entry with that role.")


_NAME_ANOTHER = "Mend it, or name another with DRILL_ESTATE; scenarios/labelmint.toml is one that works."
_KEYS = "Mend it there; scenarios/labelmint.toml shows the keys, harness/estate.py what each may hold."
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
    placed: tuple[Placed, ...] = (
        *estate.databases,
        *estate.caches,
        *estate.services,
        *estate.balancers,
        *estate.security_groups,
        *estate.alarms,
    )
    for part in placed:
        if part.region not in regions:
            yield f"{_called(part)} is in {part.region}, neither the primary nor the DR region"
    yield from _dangling(estate)


def _called(part: Placed) -> str:
    """A part's kind and name: a database's is its identifier, a service's is its service."""
    named = part.model_dump()
    name = next(named[key] for key in ("identifier", "service", "name") if key in named)
    return f"{type(part).__name__.lower()} {name}"


def _duplicates(estate: Estate) -> Iterator[str]:
    identities: dict[str, list[str]] = {
        "role": [
            *(database.role for database in estate.databases),
            *(cache.role for cache in estate.caches),
            *(service.role for service in estate.services),
            *(balancer.role for balancer in estate.balancers),
        ],
        "database identifier": [f"{d.identifier} in {d.region}" for d in estate.databases],
        "replication group id": [f"{c.identifier} in {c.region}" for c in estate.caches],
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
