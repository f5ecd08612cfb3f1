"""What RDS knows of a DB instance, and where it is kept. The machine behind it is in `machine`."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from harness.cloud.service import AwsError
from harness.cloud.services.rds.machine import DatabaseInstance
from harness.estate import Database, Role


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where an instance is reached: its AWS name and the port that it really listens on."""

    host: str
    port: int


@dataclass(slots=True)
class DbInstance:
    """One DB instance; its fields change only while the lock of its Instances is held."""

    database: Database
    arn: str
    resource_id: str
    endpoint: Endpoint
    machine: DatabaseInstance
    created: datetime
    groups: list[str]
    multi_az: bool
    backup_retention: int
    role: Role | None = None
    """Its place in the estate; none of what was restored under a name that has no place."""
    status: str = "creating"
    beyond_repair: bool = False
    """Its promotion failed; it stays failed whatever its server does."""
    backup_window: str = "03:00-04:00"
    parameter_group: str = "default.postgres18"
    subnet_group: str = "default"
    kms_key: str | None = None
    """The ARN of the key that its storage is encrypted with."""
    deletion_protection: bool = False
    joining: bool = False
    """Its security groups were changed and do not yet decide who gets in."""
    source: DbInstance | None = None
    replicas: list[DbInstance] = field(default_factory=list)
    pending: dict[str, Any] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)

    @property
    def identifier(self) -> str:
        return self.database.identifier

    @property
    def region(self) -> str:
        return self.database.region

    def known_as(self, other: DbInstance) -> str:
        """How `other` names this one in its replica links: by identifier in its region, by ARN across regions."""
        return self.identifier if other.region == self.region else self.arn


class Instances:
    """All DB instances of the account. Hold `lock` to change one."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self._all: dict[str, DbInstance] = {}

    def add(self, instance: DbInstance) -> None:
        """Raises DBInstanceAlreadyExists."""
        with self.lock:
            if instance.arn in self._all:
                raise AwsError("DBInstanceAlreadyExists", "DB Instance already exists")
            self._all[instance.arn] = instance

    def remove(self, instance: DbInstance) -> None:
        with self.lock:
            self._all.pop(instance.arn, None)

    def __iter__(self) -> Iterator[DbInstance]:
        return iter(tuple(self._all.values()))

    def of_role(self, role: Role) -> DbInstance:
        return next(instance for instance in self if instance.role is role)

    def in_region(self, region: str) -> list[DbInstance]:
        return [instance for instance in self if instance.region == region]

    def find(self, region: str, name: str) -> DbInstance:
        """By identifier, in any case, or ARN. Raises DBInstanceNotFound."""
        for instance in self.in_region(region):
            if name.lower() in (instance.identifier.lower(), instance.arn.lower()):
                return instance
        raise AwsError("DBInstanceNotFound", f"DBInstance {name} not found.", 404)

    def by_arn(self, arn: str) -> DbInstance:
        """By ARN alone, as tags are. Raises DBInstanceNotFound."""
        for instance in self:
            if instance.arn == arn:
                return instance
        raise AwsError("DBInstanceNotFound", f"Could not find a DB Instance matching the resource name: '{arn}'", 404)
