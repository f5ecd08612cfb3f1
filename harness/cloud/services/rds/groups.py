"""DB parameter groups and subnet groups: checked wherever an instance is to use one. They hold names, not settings."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from harness.cloud.service import Answer, AwsError, Call, World, operation
from harness.cloud.services.rds.snapshot_state import vpc
from harness.cloud.services.rds.words import new_identifier, page

FAMILY = "postgres18"
DEFAULT_PARAMETERS = f"default.{FAMILY}"
DEFAULT_SUBNETS = "default"


@dataclass(frozen=True, slots=True)
class Group:
    """A parameter group (with a family) or a subnet group (with subnets)."""

    name: str
    region: str
    description: str
    arn: str
    family: str = ""
    subnets: tuple[str, ...] = ()


class GroupCalls:
    """The groups of both regions: a default of each kind, and those that the estate's databases use."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._lock = threading.RLock()
        self._parameters: dict[tuple[str, str], Group] = {}
        self._subnets: dict[tuple[str, str], Group] = {}
        regions = (world.estate.regions.primary, world.estate.regions.dr)
        parameters = {(region, DEFAULT_PARAMETERS) for region in regions}
        subnets = {(region, DEFAULT_SUBNETS) for region in regions}
        for database in world.estate.databases:
            parameters.add((database.region, database.parameter_group))
            subnets.add((database.region, database.subnet_group))
        for region, name in sorted(parameters):
            self._parameters[region, name] = self._parameter_group(region, name, FAMILY, name)
        for region, name in sorted(subnets):
            self._subnets[region, name] = self._subnet_group(
                region, name, (f"subnet-{region}a", f"subnet-{region}b"), name
            )

    def check_parameters(self, region: str, name: str) -> None:
        """Raises DBParameterGroupNotFound, or InvalidParameterCombination for a group of another engine version."""
        group = self._of_parameters(region, name)
        if group.family != FAMILY:
            raise AwsError(
                "InvalidParameterCombination",
                f"The Parameter Group {name} with DBParameterGroupFamily {group.family} can't be used for this "
                f"instance. Please use a Parameter Group with DBParameterGroupFamily {FAMILY}",
            )

    def check_subnets(self, region: str, name: str) -> None:
        """Raises DBSubnetGroupNotFoundFault."""
        self._of_subnets(region, name)

    @operation("CreateDBParameterGroup")
    def create_parameters(self, call: Call) -> Answer:
        name = new_identifier(call.params, "DBParameterGroupName", longest=255)
        with self._lock:
            if (call.region, name) in self._parameters:
                raise AwsError("DBParameterGroupAlreadyExists", f"Parameter group {name} already exists")
            made = self._parameter_group(
                call.region, name, call.params["DBParameterGroupFamily"], call.params["Description"]
            )
            self._parameters[call.region, name] = made
        return {"DBParameterGroup": _shown_parameters(made)}

    @operation("DescribeDBParameterGroups")
    def describe_parameters(self, call: Call) -> Answer:
        if name := call.params.get("DBParameterGroupName"):
            return {"DBParameterGroups": [_shown_parameters(self._of_parameters(call.region, name))]}
        found = [group for (region, _), group in sorted(self._parameters.items()) if region == call.region]
        shown, marker = page(found, call, lambda one: one.name)
        return {"DBParameterGroups": [_shown_parameters(group) for group in shown], **marker}

    @operation("DeleteDBParameterGroup")
    def delete_parameters(self, call: Call) -> Answer:
        name = call.params["DBParameterGroupName"].lower()
        self._of_parameters(call.region, name)
        if name.startswith("default."):
            raise AwsError("InvalidDBParameterGroupState", "Default DBParameterGroup cannot be deleted")
        self._parameters.pop((call.region, name), None)
        return {}

    @operation("CreateDBSubnetGroup")
    def create_subnets(self, call: Call) -> Answer:
        name = call.params["DBSubnetGroupName"].lower()
        subnets = tuple(call.params["SubnetIds"])
        if len(subnets) < 2:
            raise AwsError(
                "DBSubnetGroupDoesNotCoverEnoughAZs",
                "The DB subnet group doesn't meet Availability Zone (AZ) coverage requirement. Current AZ coverage: 1. "
                "Add subnets to cover at least 2 AZs.",
            )
        with self._lock:
            if (call.region, name) in self._subnets:
                raise AwsError("DBSubnetGroupAlreadyExists", f"The DB subnet group {name} already exists.")
            made = self._subnet_group(call.region, name, subnets, call.params["DBSubnetGroupDescription"])
            self._subnets[call.region, name] = made
        return {"DBSubnetGroup": _shown_subnets(made)}

    @operation("DescribeDBSubnetGroups")
    def describe_subnets(self, call: Call) -> Answer:
        if name := call.params.get("DBSubnetGroupName"):
            return {"DBSubnetGroups": [_shown_subnets(self._of_subnets(call.region, name))]}
        found = [group for (region, _), group in sorted(self._subnets.items()) if region == call.region]
        shown, marker = page(found, call, lambda one: one.name)
        return {"DBSubnetGroups": [_shown_subnets(group) for group in shown], **marker}

    def _of_parameters(self, region: str, name: str) -> Group:
        if found := self._parameters.get((region, name.lower())):
            return found
        raise AwsError("DBParameterGroupNotFound", f"DBParameterGroup not found: {name}", 404)

    def _of_subnets(self, region: str, name: str) -> Group:
        if found := self._subnets.get((region, name.lower())):
            return found
        raise AwsError("DBSubnetGroupNotFoundFault", f"DB subnet group '{name}' does not exist.", 404)

    def _parameter_group(self, region: str, name: str, family: str, said: str) -> Group:
        return Group(name, region, said, self._arn(region, "pg", name), family=family)

    def _subnet_group(self, region: str, name: str, subnets: tuple[str, ...], said: str) -> Group:
        return Group(name, region, said, self._arn(region, "subgrp", name), subnets=subnets)

    def _arn(self, region: str, kind: str, name: str) -> str:
        return f"arn:aws:rds:{region}:{self._world.estate.account_id}:{kind}:{name}"


def _shown_parameters(group: Group) -> Answer:
    return {
        "DBParameterGroupName": group.name,
        "DBParameterGroupFamily": group.family,
        "Description": group.description,
        "DBParameterGroupArn": group.arn,
    }


def _shown_subnets(group: Group) -> Answer:
    zones = [f"{group.region}{letter}" for letter in "abcdef"]
    return {
        "DBSubnetGroupName": group.name,
        "DBSubnetGroupDescription": group.description,
        "VpcId": vpc(group.region),
        "SubnetGroupStatus": "Complete",
        "Subnets": [
            {"SubnetIdentifier": subnet, "SubnetAvailabilityZone": {"Name": zone}, "SubnetStatus": "Active"}
            for subnet, zone in zip(group.subnets, zones, strict=False)
        ],
        "DBSubnetGroupArn": group.arn,
    }
