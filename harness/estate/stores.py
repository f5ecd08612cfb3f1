"""Where data is: databases, caches and buckets, and what they hold before anybody writes."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from pydantic import Field

from harness.estate.parts import EstatePart, Name, Placed, Role


class Database(Placed):
    """An RDS instance; with a `source` it is a read replica of that role."""

    role: Role
    identifier: Annotated[str, Field(min_length=1, max_length=63, pattern=r"^[a-z](-?[a-z0-9])*$")]
    instance_class: Name = "db.r6g.large"
    engine_version: Name = "18.6"
    multi_az: bool = False
    backup_retention_days: Annotated[int, Field(ge=0, le=35)] = 0
    backup_window: Annotated[str, Field(pattern=r"^\d\d:\d\d-\d\d:\d\d$")] = "03:00-04:00"
    parameter_group: Name = "default.postgres18"
    subnet_group: Name = "default"
    encrypted: bool = False
    deletion_protection: bool = False
    """Whether RDS refuses to delete it."""
    allocated_gib: Annotated[int, Field(ge=20)] = 100
    source: Role | None = None
    security_group: Name
    apply_delay: timedelta = timedelta(0)
    raised: bool = True
    """False for the place of one that is not there before a recovery makes it."""
    quarantine_group: Name | None = None
    """The security group that lets nobody in, for one that must be kept and not used."""

    @property
    def called(self) -> str:
        return self.identifier


class Cache(Placed):
    """A replication group; with a `source` it is the secondary of that role's Global Datastore."""

    role: Role
    identifier: Annotated[str, Field(min_length=1, max_length=40, pattern=r"^[a-z](-?[a-z0-9])*$")]
    node_type: Name = "cache.r6g.large"
    engine_version: Name = "7.0"
    nodes: Annotated[int, Field(ge=1, le=6)] = 2
    """The primary and its replicas."""
    automatic_failover: bool = True
    parameter_group: Name = "default.redis7"
    subnet_group: Name = "default"
    security_group: Name
    snapshot_retention_days: Annotated[int, Field(ge=0, le=35)] = 0
    global_datastore: Name | None = None
    """The suffix of the Global Datastore's name, which ElastiCache puts a region's own five letters before."""
    source: Role | None = None
    raised: bool = True
    """False for the place of one that is not there before a recovery makes it."""

    @property
    def called(self) -> str:
        return self.identifier


class Bucket(Placed):
    """An S3 bucket; with `replicates_to` every new version is copied to the bucket of that role."""

    role: Role
    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$")]
    versioning: bool = True
    replicates_to: Role | None = None
    objects: Annotated[int, Field(ge=0, le=10000)] = 0
    """How many it holds before anybody writes; the one that it replicates to holds the same."""

    @property
    def called(self) -> str:
        return self.name


class Seed(EstatePart):
    """How much data the database holds before anybody writes; a template of it is made, and kept between runs."""

    database: Name = "labelmint"
    users: Annotated[int, Field(ge=1, le=100_000)] = 500
    projects: Annotated[int, Field(ge=1, le=100_000)] = 50
    task_submissions: Annotated[int, Field(ge=1, le=10_000_000)] = 5000
