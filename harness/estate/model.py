"""The whole estate, and the parts that concern all of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Literal, TypeVar

from pydantic import Field

from harness.errors import BadEstate
from harness.estate.entrance import Balancer, HealthCheck, Service, Zone
from harness.estate.parts import EstatePart, Name, Placed, Port, Region, Role
from harness.estate.protection import BackupPlan, Vault
from harness.estate.stores import Bucket, Cache, Database, Seed

Resource = Region | Database | Cache | Bucket | Service | Balancer
"""What has a role."""
R = TypeVar("R", bound=Resource)
KINDS: Mapping[Role, type[Resource]] = {
    Role.PRIMARY_REGION: Region,
    Role.PRIMARY_DATABASE: Database,
    Role.READ_REPLICA: Database,
    Role.DR_DATABASE: Database,
    Role.RESTORED_DATABASE: Database,
    Role.CACHE: Cache,
    Role.DR_CACHE: Cache,
    Role.RESTORED_CACHE: Cache,
    Role.UPLOADS: Bucket,
    Role.DR_UPLOADS: Bucket,
    Role.ASSETS: Bucket,
    Role.DR_ASSETS: Bucket,
    Role.BACKUPS: Bucket,
    Role.DR_BACKUPS: Bucket,
    Role.APPLICATION: Service,
    Role.DR_APPLICATION: Service,
    Role.BALANCER: Balancer,
    Role.DR_BALANCER: Balancer,
}
"""What can be in each place."""
_TABLES: Mapping[type[Resource], str] = {
    Region: "regions",
    Database: "databases",
    Cache: "caches",
    Bucket: "buckets",
    Service: "services",
    Balancer: "balancers",
}
"""Where the estate file has each kind."""


class Regions(EstatePart):
    """The region that serves and the one that stands by."""

    primary: Name
    dr: Name


class SecurityGroup(Placed):
    """What may reach a resource: the TCP ports that the application's group may come in on."""

    id: Name
    name: Name
    ingress_ports: tuple[Port, ...] = ()

    @property
    def called(self) -> str:
        return self.name


class Alarm(Placed):
    """A CloudWatch alarm on a metric of one database, of the first node of one cache, or of one balancer's targets."""

    name: Name
    metric: Name
    database: Role | None = None
    cache: Role | None = None
    balancer: Role | None = None
    statistic: Literal["Average", "Minimum", "Maximum", "Sum", "SampleCount"] = "Average"
    comparison: Literal[
        "GreaterThanThreshold", "GreaterThanOrEqualToThreshold", "LessThanThreshold", "LessThanOrEqualToThreshold"
    ]
    threshold: float
    period: Annotated[int, Field(ge=10)] = 60
    evaluation_periods: Annotated[int, Field(ge=1)] = 1
    treat_missing_data: Literal["breaching", "notBreaching", "ignore", "missing"] = "missing"

    @property
    def called(self) -> str:
        return self.name

    @property
    def watches(self) -> Role | None:
        """The place that it watches."""
        return self.database or self.cache or self.balancer


class Estate(EstatePart):
    """Everything a drill may raise, break and recover."""

    name: Name
    account_id: Annotated[str, Field(pattern=r"^\d{12}$")]
    regions: Regions
    seed: Seed = Seed()
    security_groups: tuple[SecurityGroup, ...]
    databases: tuple[Database, ...]
    caches: tuple[Cache, ...] = ()
    buckets: tuple[Bucket, ...] = ()
    vaults: tuple[Vault, ...] = ()
    backup_plans: tuple[BackupPlan, ...] = ()
    balancers: tuple[Balancer, ...]
    services: tuple[Service, ...]
    health_checks: tuple[HealthCheck, ...] = ()
    zone: Zone
    alarms: tuple[Alarm, ...] = ()

    @property
    def resources(self) -> tuple[Resource, ...]:
        """Everything that has a role, the regions among it."""
        primary = Region(role=Role.PRIMARY_REGION, region=self.regions.primary)
        return (primary, *self.databases, *self.caches, *self.buckets, *self.services, *self.balancers)

    @property
    def names(self) -> dict[str, str]:
        """What AWS calls the resource of each role that is raised."""
        raised = [r for r in self.resources if not isinstance(r, Region) and getattr(r, "raised", True)]
        return {str(r.role): r.called for r in raised}

    def database(self, role: Role) -> Database:
        """The database in that place. Raises BadEstate when the estate has none, as its siblings do."""
        return _in_place(self.databases, role)

    def cache(self, role: Role) -> Cache:
        return _in_place(self.caches, role)

    def bucket(self, role: Role) -> Bucket:
        return _in_place(self.buckets, role)

    def service(self, role: Role) -> Service:
        return _in_place(self.services, role)

    def balancer(self, role: Role) -> Balancer:
        return _in_place(self.balancers, role)

    def placed(self, role: Role) -> Resource:
        """Whatever is in that place. Raises BadEstate when nothing is."""
        return _in_place(self.resources, role)


def _in_place(parts: Sequence[R], role: Role) -> R:
    for part in parts:
        if part.role is role:
            return part
    raise BadEstate(f"the estate has no {role}", hint=f"Add a [[{_TABLES[KINDS[role]]}]] entry with that role.")
