"""The names of ElastiCache's endpoints and datastores, as AWS forms them (cluster mode and encryption off)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from harness.cloud.service import World
from harness.estate import Cache

REDIS = 6379
_DATASTORE_PREFIXES = {
    "us-east-1": "ldgnf", "us-east-2": "fpkhr", "us-west-1": "virxk", "us-west-2": "sgaui", "ca-central-1": "bxodz",
    "ap-south-1": "erpgt", "ap-northeast-1": "quwsw", "ap-northeast-2": "lfqnh", "ap-northeast-3": "nlapn",
    "ap-southeast-1": "vlqxn", "ap-southeast-2": "vbgxd", "eu-central-1": "iudkw", "eu-west-1": "gxeiz",
    "eu-west-2": "okuqm", "eu-west-3": "fgjhi", "sa-east-1": "juxlw",
}  # fmt: skip
"""https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Redis-Global-Datastores-CLI.html"""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A name, and the port that the nodes really listen on."""

    host: str
    port: int


@dataclass(frozen=True, slots=True)
class GroupNames:
    """The endpoints of one replication group."""

    identifier: str
    mark: str
    zone: str

    @property
    def primary(self) -> str:
        return f"{self.identifier}.{self.mark}.ng.0001.{self.zone}"

    @property
    def reader(self) -> str:
        return f"{self.identifier}-ro.{self.mark}.ng.0001.{self.zone}"

    def node(self, cluster: str) -> str:
        return f"{cluster}.{self.mark}.0001.{self.zone}"


def names_of(world: World, region: str, identifier: str) -> GroupNames:
    """The names of a group; the six letters are the same for an account and region."""
    mark = hashlib.sha256(f"{world.estate.account_id}{region}cache".encode()).hexdigest()[:6]
    return GroupNames(identifier, mark, f"{short(region)}.cache.amazonaws.com")


def primary_endpoint(world: World, cache: Cache) -> Endpoint:
    """Where a cache of the estate takes writes; known before it is raised."""
    return Endpoint(names_of(world, cache.region, cache.identifier).primary, world.addresses.ports[REDIS])


def short(region: str) -> str:
    """us-east-1 is use1, ap-southeast-2 is apse2."""
    area, where, number = region.rsplit("-", 2)
    first, second = (where[:5], where[5:]) if where[:5] in ("north", "south") else (where, "")
    return area.replace("-", "") + first[:1] + second[:1] + number


def datastore_id(region: str, suffix: str) -> str:
    """A Global Datastore's name: each region puts its own letters before the suffix."""
    prefix = _DATASTORE_PREFIXES.get(region) or hashlib.sha256(region.encode()).hexdigest()[:5]
    return f"{prefix}-{suffix}"
