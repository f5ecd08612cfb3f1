"""Security groups and their ingress rules, as EC2 keeps them: one rule for each peer, grouped when they are shown."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Network
from typing import Any

from harness.cloud.service import Answer, AwsError

_PEERS = {
    "IpRanges": ("CidrIp", "CidrIpv4"),
    "Ipv6Ranges": ("CidrIpv6", "CidrIpv6"),
    "PrefixListIds": ("PrefixListId", "PrefixListId"),
    "UserIdGroupPairs": ("GroupId", "ReferencedGroupInfo"),
}
"""Where a permission lists its peers, how one is named there, and how a rule of its own names it."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One protocol, range of ports and peer; `kind` is a key of IpPermission."""

    protocol: str
    first: int
    last: int
    kind: str
    peer: str

    def allows(self, network: IPv4Network, port: int) -> bool:
        """Whether TCP may come in on the port from everywhere in a network.

        Those who come from there are in no security group and on no prefix list, so only an address range admits them.
        """
        if self.protocol != "-1" and not (self.protocol == "tcp" and self.first <= port <= self.last):
            return False
        return self.kind == "IpRanges" and network.subnet_of(IPv4Network(self.peer, strict=False))

    def id(self, group: str) -> str:
        return "sgr-" + hashlib.sha256(f"{group}{self}".encode()).hexdigest()[:17]


@dataclass(slots=True)
class SecurityGroup:
    """A group of one region. Everything may go out, as in a group that nobody changed."""

    id: str
    name: str
    description: str
    region: str
    account: str
    vpc: str
    ingress: list[Rule] = field(default_factory=list)
    tags: dict[str, str] = field(default_factory=dict)

    def shown(self) -> Answer:
        return {
            "GroupId": self.id,
            "GroupName": self.name,
            "Description": self.description,
            "OwnerId": self.account,
            "VpcId": self.vpc,
            "SecurityGroupArn": f"arn:aws:ec2:{self.region}:{self.account}:security-group/{self.id}",
            "IpPermissions": _permissions(self.ingress),
            "IpPermissionsEgress": [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}],
            "Tags": [{"Key": key, "Value": value} for key, value in sorted(self.tags.items())],
        }

    def shown_rule(self, rule: Rule) -> Answer:
        _, name = _PEERS[rule.kind]
        return {
            "SecurityGroupRuleId": rule.id(self.id),
            "GroupId": self.id,
            "GroupOwnerId": self.account,
            "IsEgress": False,
            "IpProtocol": rule.protocol,
            "FromPort": rule.first,
            "ToPort": rule.last,
            name: {"GroupId": rule.peer} if name == "ReferencedGroupInfo" else rule.peer,
        }


def rules_of(params: Mapping[str, Any]) -> list[Rule]:
    """The rules that an authorize or revoke call names, in either of its two forms.

    Raises AwsError for none, and for an address range that is none.
    """
    permissions = params.get("IpPermissions") or [_short_form(params)]
    rules = list(dict.fromkeys(rule for permission in permissions for rule in _rules(permission)))
    if not rules:
        raise AwsError("MissingParameter", "Either 'ipPermissions' or 'securityGroupRuleIds' should be provided.")
    return rules


def _rules(permission: Mapping[str, Any]) -> Iterator[Rule]:
    protocol = {"6": "tcp", "17": "udp", "1": "icmp"}.get(permission.get("IpProtocol", "-1"), permission["IpProtocol"])
    whole = protocol == "-1"
    first, last = (-1, -1) if whole else (permission.get("FromPort", -1), permission.get("ToPort", -1))
    for kind, (name, _) in _PEERS.items():
        for peer in permission.get(kind) or ():
            named = peer.get(name) or peer.get("GroupName", "")
            yield Rule(protocol, first, last, kind, _range(named) if kind == "IpRanges" else named)


def _range(cidr: str) -> str:
    """An address range as EC2 keeps it: 10.1.2.3/16 is 10.1.0.0/16. Raises AwsError for one that is malformed."""
    try:
        if "/" in cidr:
            return str(IPv4Network(cidr, strict=False))
    except ValueError:
        pass
    raise AwsError("InvalidParameterValue", f"CIDR block {cidr} is malformed")


def _short_form(params: Mapping[str, Any]) -> dict[str, Any]:
    permission: dict[str, Any] = {"IpProtocol": params.get("IpProtocol", "-1")}
    permission |= {name: params[name] for name in ("FromPort", "ToPort") if name in params}
    if cidr := params.get("CidrIp"):
        permission["IpRanges"] = [{"CidrIp": cidr}]
    return permission


def _permissions(rules: list[Rule]) -> list[Answer]:
    grouped: dict[tuple[str, int, int], Answer] = {}
    for rule in rules:
        shown = grouped.setdefault((rule.protocol, rule.first, rule.last), {kind: [] for kind in _PEERS})
        shown["IpProtocol"] = rule.protocol
        if rule.protocol != "-1":
            shown |= {"FromPort": rule.first, "ToPort": rule.last}
        shown[rule.kind].append({_PEERS[rule.kind][0]: rule.peer})
    return list(grouped.values())
