"""What ElastiCache refuses, with its own codes."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Mapping
from typing import Any

from harness.cloud.service import Answer, AwsError, World
from harness.cloud.services.elasticache.state import CacheGroup, Caches, Snapshot

_IDENTIFIER = re.compile(r"[a-z](-?[a-z0-9])*")
_FAMILIES = ("redis5.0", "redis6.x", "redis7", "valkey7", "valkey8")
_GLOBAL_NODES = re.compile(r"cache\.(m5|m6g|m7g|r5|r6g|r6gd|r7g|c7gn)\.")
"""Families that a Global Datastore takes (User Guide, Global datastores: prerequisites and limitations)."""


def check_handled(operation: str, params: Mapping[str, Any], handled: Collection[str]) -> None:
    """A parameter that would be ignored is refused, cleanly."""
    if unknown := set(params) - set(handled):
        what = f"elasticache {operation} with {', '.join(sorted(unknown))}"
        raise AwsError("NotImplemented", f"the embedded cloud does not implement {what}", 501)


def check_available(group: CacheGroup) -> None:
    if group.status != "available":
        message = f"Replication group {group.identifier} is not in available state: it is {group.status}."
        raise AwsError("InvalidReplicationGroupState", message)


def check_new_name(caches: Caches, region: str, name: str) -> None:
    if len(name) > 40 or not _IDENTIFIER.fullmatch(name):
        message = f"The parameter ReplicationGroupIdentifier is not a valid identifier: {name}."
        raise AwsError("InvalidParameterValue", message)
    if (region, name) in caches.groups:
        message = f"Replication group {name} already exists."
        raise AwsError("ReplicationGroupAlreadyExists", message)


def check_nodes(nodes: int, params: Mapping[str, Any]) -> None:
    if params.get("NumNodeGroups", 1) != 1:
        what = "elasticache replication groups in cluster mode"
        raise AwsError("NotImplemented", f"the embedded cloud does not implement {what}", 501)
    if not 1 <= nodes <= 6:
        raise AwsError("InvalidParameterValue", "The number of cache clusters must be between 1 and 6.")
    automatic = params.get("AutomaticFailoverEnabled", False)
    if automatic and nodes < 2:
        message = "Automatic failover requires at least one read replica."
        raise AwsError("InvalidParameterCombination", message)
    if params.get("MultiAZEnabled") and not automatic:
        raise AwsError("InvalidParameterCombination", "Multi-AZ requires automatic failover to be enabled.")


def check_node_type(node_type: str) -> None:
    if not re.fullmatch(r"cache\.[a-z0-9]+\.[a-z0-9]+", node_type):
        raise AwsError("InvalidParameterValue", f"Invalid cache node type: {node_type}.")


def check_retention(params: Mapping[str, Any]) -> None:
    if not 0 <= params.get("SnapshotRetentionLimit", 0) <= 35:
        raise AwsError("InvalidParameterValue", "The snapshot retention limit must be between 0 and 35.")


def check_restorable(snapshot: Snapshot) -> None:
    if snapshot.status != "available":
        message = f"Snapshot {snapshot.name} is not in available state: it is {snapshot.status}."
        raise AwsError("InvalidSnapshotState", message)


def check_global_primary(group: CacheGroup) -> None:
    """What may be the first member of a Global Datastore."""
    check_available(group)
    if group.datastore is not None:
        message = f"Replication group {group.identifier} is already in a global datastore."
        raise AwsError("InvalidReplicationGroupState", message)
    if not group.automatic_failover:
        message = "Global datastores require automatic failover to be enabled on the primary replication group."
        raise AwsError("InvalidParameterValue", message)
    if not _GLOBAL_NODES.match(group.node_type):
        raise AwsError("InvalidParameterValue", f"{group.node_type} is not supported for global datastores.")


class Catalogue:
    """The parameter and subnet groups that exist: AWS's defaults and those that the estate's caches name."""

    def __init__(self, world: World) -> None:
        self._world = world
        estate = world.estate
        defaults = {f"default.{family}{on}" for family in _FAMILIES for on in ("", ".cluster.on")}
        regions = (estate.regions.primary, estate.regions.dr)
        self._parameters = {
            region: defaults | {cache.parameter_group for cache in estate.caches if cache.region == region}
            for region in regions
        }
        self._subnets = {
            region: {"default"} | {cache.subnet_group for cache in estate.caches if cache.region == region}
            for region in regions
        }

    def check(self, region: str, parameter_group: str, subnet_group: str) -> None:
        """Raises CacheParameterGroupNotFound, CacheSubnetGroupNotFoundFault."""
        self.parameter_groups(region, parameter_group)
        self.subnet_groups(region, subnet_group)

    def parameter_groups(self, region: str, name: str | None = None) -> list[Answer]:
        """All of them, or one. Raises CacheParameterGroupNotFound."""
        known = self._parameters.get(region, set())
        if name is not None and name not in known:
            raise AwsError("CacheParameterGroupNotFound", f"CacheParameterGroup {name} not found.", 404)
        return [
            {
                "CacheParameterGroupName": one,
                "CacheParameterGroupFamily": next((f for f in _FAMILIES if f in one), "redis7"),
                "Description": one,
                "IsGlobal": False,
                "ARN": self._arn(region, "parametergroup", one),
            }
            for one in sorted({name} if name else known)
        ]

    def subnet_groups(self, region: str, name: str | None = None) -> list[Answer]:
        """All of them, or one. Raises CacheSubnetGroupNotFoundFault."""
        known = self._subnets.get(region, set())
        if name is not None and name not in known:
            raise AwsError("CacheSubnetGroupNotFoundFault", f"Cache Subnet Group {name} does not exist.", 400)
        return [
            {
                "CacheSubnetGroupName": one,
                "CacheSubnetGroupDescription": one,
                "VpcId": "vpc-" + hashlib.sha256(region.encode()).hexdigest()[:17],
                "Subnets": [
                    {"SubnetIdentifier": f"subnet-{zone}", "SubnetAvailabilityZone": {"Name": f"{region}{zone}"}}
                    for zone in "abc"
                ],
                "ARN": self._arn(region, "subnetgroup", one),
            }
            for one in sorted({name} if name else known)
        ]

    def _arn(self, region: str, kind: str, name: str) -> str:
        return f"arn:aws:elasticache:{region}:{self._world.estate.account_id}:{kind}:{name}"
