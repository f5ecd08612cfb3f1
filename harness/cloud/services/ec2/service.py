"""Amazon EC2, security groups only: they decide whether the application reaches a database."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterable
from ipaddress import IPv4Network

from harness.aws_rules.durations import SECURITY_GROUP_CHANGE
from harness.aws_rules.tags import drill_target
from harness.cloud.service import Answer, AwsError, Call, Service, World, operation
from harness.cloud.services.ec2.groups import Rule, SecurityGroup, rules_of
from harness.estate import SecurityGroup as EstateGroup

_APPLICATIONS = IPv4Network("10.0.0.0/8")
"""The private addresses from which the estate's applications come, in any of their subnets."""


class Ec2(Service):
    """Security groups of both regions."""

    name = "ec2"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._lock = threading.RLock()
        self._listeners: list[Callable[[], None]] = []
        self._groups = {group.id: self._of_estate(group) for group in world.estate.security_groups}
        for region in (world.estate.regions.primary, world.estate.regions.dr):
            self._groups[self.default_group(region)] = self._default(region)

    def default_group(self, region: str) -> str:
        """The id of the default group of a region's VPC: it lets in nobody but its own members."""
        return "sg-" + hashlib.sha256(f"default {_vpc(region)}".encode()).hexdigest()[:17]

    def on_change(self, told: Callable[[], None]) -> None:
        """Call `told` whenever rules have changed and the change has taken effect."""
        self._listeners.append(told)

    def allows(self, groups: Iterable[str], port: int) -> bool:
        """Whether the groups let the estate's applications in on the port: one rule has to admit all their network."""
        with self._lock:
            rules = [rule for name in groups if name in self._groups for rule in self._groups[name].ingress]
        return any(rule.allows(_APPLICATIONS, port) for rule in rules)

    def check_known(self, region: str, groups: Iterable[str]) -> None:
        """Raises InvalidParameterValue, as other services do for a group that is not there."""
        for name in groups:
            if name not in self._groups or self._groups[name].region != region:
                raise AwsError("InvalidParameterValue", f"Invalid security group , groupId= {name}, groupName=.")

    @operation("DescribeSecurityGroups")
    def describe_groups(self, call: Call) -> Answer:
        with self._lock:
            found = [group for group in self._groups.values() if group.region == call.region]
            if ids := call.params.get("GroupIds"):
                found = [self._known(call, name) for name in ids]
            if names := call.params.get("GroupNames"):
                found = [group for group in found if group.name in names]
            for wanted in call.params.get("Filters", ()):
                found = [group for group in found if _value(group, wanted["Name"]) in wanted["Values"]]
            return {"SecurityGroups": [group.shown() for group in found]}

    @operation("DescribeSecurityGroupRules")
    def describe_rules(self, call: Call) -> Answer:
        asked = set(call.params.get("SecurityGroupRuleIds", ()))
        groups: set[str] | None = None
        for wanted in call.params.get("Filters", ()):
            if wanted["Name"] != "group-id":
                raise AwsError("InvalidParameterValue", f"The filter '{wanted['Name']}' is invalid")
            groups = set(wanted["Values"])
        with self._lock:
            return {
                "SecurityGroupRules": [
                    group.shown_rule(rule)
                    for group in self._groups.values()
                    if group.region == call.region and (groups is None or group.id in groups)
                    for rule in group.ingress
                    if not asked or rule.id(group.id) in asked
                ]
            }

    @operation("CreateSecurityGroup")
    def create(self, call: Call) -> Answer:
        name, vpc = call.params["GroupName"], call.params.get("VpcId", _vpc(call.region))
        with self._lock:
            if any((g.name, g.region, g.vpc) == (name, call.region, vpc) for g in self._groups.values()):
                message = f"The security group '{name}' already exists for VPC '{vpc}'"
                raise AwsError("InvalidGroup.Duplicate", message)
            made = "sg-" + hashlib.sha256(f"{call.request_id}{name}".encode()).hexdigest()[:17]
            description = call.params.get("Description", "")
            account = self.world.estate.account_id
            group = SecurityGroup(made, name, description, call.region, account, vpc)
            for asked in call.params.get("TagSpecifications", ()):
                group.tags |= {tag["Key"]: tag.get("Value", "") for tag in asked.get("Tags", ())}
            self._groups[made] = group
            return {"GroupId": made}

    @operation("AuthorizeSecurityGroupIngress")
    def authorize(self, call: Call) -> Answer:
        with self._lock:
            group, rules = self._addressed(call), rules_of(call.params)
            for rule in rules:
                if rule in group.ingress:
                    raise AwsError("InvalidPermission.Duplicate", f'the specified rule "{_said(rule)}" already exists')
            group.ingress += rules
        self._changed(group)
        return {"Return": True, "SecurityGroupRules": [group.shown_rule(rule) for rule in rules]}

    @operation("RevokeSecurityGroupIngress")
    def revoke(self, call: Call) -> Answer:
        with self._lock:
            group = self._addressed(call)
            rules = self._named(group, call)
            if any(rule not in group.ingress for rule in rules):
                raise AwsError(
                    "InvalidPermission.NotFound", "The specified rule does not exist in this security group."
                )
            group.ingress = [rule for rule in group.ingress if rule not in rules]
        self._changed(group)
        return {"Return": True, "RevokedSecurityGroupRules": [group.shown_rule(rule) for rule in rules]}

    def _changed(self, group: SecurityGroup) -> None:
        def tell() -> None:
            for told in self._listeners:
                told()

        self.world.pace.later(SECURITY_GROUP_CHANGE.usual, f"rules of {group.id}", tell)

    def _named(self, group: SecurityGroup, call: Call) -> list[Rule]:
        ids = call.params.get("SecurityGroupRuleIds")
        if not ids:
            return rules_of(call.params)
        by_id = {rule.id(group.id): rule for rule in group.ingress}
        for name in ids:
            if name not in by_id:
                message = f"The security group rule ID '{name}' does not exist"
                raise AwsError("InvalidSecurityGroupRuleId.NotFound", message)
        return [by_id[name] for name in ids]

    def _addressed(self, call: Call) -> SecurityGroup:
        if "GroupId" in call.params:
            return self._known(call, call.params["GroupId"])
        name = call.params.get("GroupName", "")
        for group in self._groups.values():
            if (group.name, group.region) == (name, call.region):
                return group
        raise AwsError("InvalidGroup.NotFound", f"The security group '{name}' does not exist in default VPC")

    def _known(self, call: Call, name: str) -> SecurityGroup:
        group = self._groups.get(name)
        if group is None or group.region != call.region:
            raise AwsError("InvalidGroup.NotFound", f"The security group '{name}' does not exist")
        return group

    def _default(self, region: str) -> SecurityGroup:
        said = "default VPC security group"
        return SecurityGroup(
            self.default_group(region), "default", said, region, self.world.estate.account_id, _vpc(region)
        )

    def _of_estate(self, group: EstateGroup) -> SecurityGroup:
        account = self.world.estate.account_id
        made = SecurityGroup(group.id, group.name, group.name, group.region, account, _vpc(group.region))
        made.tags = drill_target()
        made.ingress = [Rule("tcp", port, port, "IpRanges", str(_APPLICATIONS)) for port in group.ingress_ports]
        return made


def _vpc(region: str) -> str:
    return "vpc-" + hashlib.sha256(region.encode()).hexdigest()[:17]


def _value(group: SecurityGroup, name: str) -> str:
    values = {"group-id": group.id, "group-name": group.name, "vpc-id": group.vpc, "description": group.description}
    if name not in values:
        raise AwsError("InvalidParameterValue", f"The filter '{name}' is invalid")
    return values[name]


def _said(rule: Rule) -> str:
    return f"peer: {rule.peer}, {rule.protocol.upper()}, from port: {rule.first}, to port: {rule.last}, ALLOW"
