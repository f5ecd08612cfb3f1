"""Amazon RDS: PostgreSQL instances and their read replicas."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, field

from harness.cloud.service import Answer, Call, Service, World, operation
from harness.estate import Role


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where an instance is reached."""

    host: str
    port: int


@dataclass(frozen=True, slots=True)
class Login:
    """A database user."""

    user: str
    password: str = field(repr=False)


class Rds(Service):
    """DB instances of both regions."""

    name = "rds"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._password = secrets.token_urlsafe(18)

    def endpoint(self, role: Role) -> Endpoint:
        """Where the instance of a role is reached; known before it is raised."""
        database = self.world.estate.database(role)
        account = hashlib.sha256(self.world.estate.account_id.encode()).hexdigest()[:12]
        host = f"{database.identifier}.c{account}.{database.region}.rds.amazonaws.com"
        return Endpoint(host, self.world.addresses.ports[5432])

    def login(self, role: Role) -> Login:
        return Login("labelmint", self._password)

    @operation("DescribeDBClusters")
    def describe_clusters(self, call: Call) -> Answer:
        return {"DBClusters": []}
