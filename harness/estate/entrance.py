"""How clients come in: the service and its balancer, health checks, and the names of the zone."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from harness.estate.parts import EstatePart, Name, Placed, Port, Role


class Service(Placed):
    """An ECS service, its settings (SSM parameters below `settings`) and the target group it serves."""

    role: Role
    cluster: Name
    service: Name
    task_family: Name
    desired_count: Annotated[int, Field(ge=0, le=20)]
    health_check_grace_seconds: Annotated[int, Field(ge=0, le=2147483647)] = 2147483647
    """For how long a new task may fail the balancer's checks; with the longest, those that fail are never replaced."""
    container_port: Port = 3000
    balancer: Role
    settings: Name
    secret: Name
    database: Role
    cache: Role | None = None
    cache_settings: Name | None = None
    """Where the cache's `endpoint` and `port` are, as `settings` is for the database's."""

    @property
    def called(self) -> str:
        return self.service


class Balancer(Placed):
    """An application load balancer with one listener and one target group, health-checked at `health_path`."""

    role: Role
    name: Name
    target_group: Name
    listener_port: Port = 80
    health_path: Name = "/health"

    @property
    def called(self) -> str:
        return self.name


class HealthCheck(EstatePart):
    """A Route 53 health check of a balancer; `interval` is 10 or 30 seconds as in AWS."""

    name: Name
    balancer: Role
    path: Name = "/health"
    interval: Literal[10, 30] = 10
    failure_threshold: Annotated[int, Field(ge=1, le=10)] = 3


class RecordSet(EstatePart):
    """A record of the zone: an alias of a balancer, or a CNAME of a database's endpoint."""

    name: Name
    type: Literal["A", "CNAME"]
    ttl: Annotated[int, Field(ge=0, le=2147483647)] | None = None
    alias: Role | None = None
    points_to: Role | None = None
    failover: Literal["PRIMARY", "SECONDARY"] | None = None
    set_identifier: Name | None = None
    health_check: Name | None = None


class Zone(EstatePart):
    """The hosted zone; `public_name` is where users come in, `database_name` where direct writers do."""

    name: Name
    public_name: Name
    database_name: Name
    records: tuple[RecordSet, ...]
