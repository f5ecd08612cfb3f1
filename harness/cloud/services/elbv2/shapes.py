"""Balancers, target groups, listeners and targets in the shapes of the API."""

from __future__ import annotations

import hashlib
from typing import Any

from harness.aws_rules.durations import BALANCER_CHECK_INTERVAL
from harness.aws_rules.tags import ALLOWED, DRILL_TAG
from harness.cloud.service import World
from harness.cloud.services.elbv2.balancers import (
    DEREGISTRATION_DELAY,
    HEALTHY_THRESHOLD,
    UNHEALTHY_THRESHOLD,
    Balancer,
    Target,
)

_TIMEOUT_SECONDS = 5


def shown_balancer(world: World, balancer: Balancer) -> dict[str, Any]:
    return {
        "LoadBalancerArn": balancer.arn,
        "DNSName": balancer.dns_name,
        "CanonicalHostedZoneId": balancer.zone_id,
        "CreatedTime": balancer.created,
        "LoadBalancerName": balancer.part.name,
        "Scheme": "internet-facing",
        "VpcId": vpc_id(world, balancer.region),
        "State": {"Code": "active" if balancer.machine.is_running() else "active_impaired"},
        "Type": "application",
        "AvailabilityZones": [{"ZoneName": f"{balancer.region}{letter}"} for letter in "ab"],
        "IpAddressType": "ipv4",
    }


def shown_group(world: World, balancer: Balancer) -> dict[str, Any]:
    return {
        "TargetGroupArn": balancer.group_arn,
        "TargetGroupName": balancer.part.target_group,
        "Protocol": "HTTP",
        "ProtocolVersion": "HTTP1",
        "Port": balancer.target_port,
        "VpcId": vpc_id(world, balancer.region),
        "HealthCheckProtocol": "HTTP",
        "HealthCheckPort": "traffic-port",
        "HealthCheckEnabled": True,
        "HealthCheckIntervalSeconds": int(BALANCER_CHECK_INTERVAL.total_seconds()),
        "HealthCheckTimeoutSeconds": _TIMEOUT_SECONDS,
        "HealthyThresholdCount": HEALTHY_THRESHOLD,
        "UnhealthyThresholdCount": UNHEALTHY_THRESHOLD,
        "HealthCheckPath": balancer.part.health_path,
        "Matcher": {"HttpCode": "200"},
        "LoadBalancerArns": [balancer.arn],
        "TargetType": "ip",
        "IpAddressType": "ipv4",
    }


def shown_group_attributes(balancer: Balancer) -> list[dict[str, str]]:
    delay = str(int(DEREGISTRATION_DELAY.total_seconds()))
    return [
        {"Key": "deregistration_delay.timeout_seconds", "Value": delay},
        {"Key": "load_balancing.algorithm.type", "Value": "round_robin"},
        {"Key": "stickiness.enabled", "Value": "false"},
    ]


def shown_listener(balancer: Balancer) -> dict[str, Any]:
    return {
        "ListenerArn": balancer.listener_arn,
        "LoadBalancerArn": balancer.arn,
        "Port": balancer.port,
        "Protocol": "HTTP",
        "DefaultActions": [{"Type": "forward", "TargetGroupArn": balancer.group_arn}],
    }


def shown_health(balancer: Balancer, target: Target) -> dict[str, Any]:
    health = balancer.health(target)
    shown = {"State": health.state, "Reason": health.reason, "Description": health.description}
    return {
        "Target": {"Id": target[0], "Port": target[1], "AvailabilityZone": f"{balancer.region}a"},
        "HealthCheckPort": str(target[1]),
        "TargetHealth": {key: value for key, value in shown.items() if value},
    }


def shown_tags(balancer: Balancer, arn: str) -> dict[str, Any]:
    return {
        "ResourceArn": arn,
        "Tags": [{"Key": "Name", "Value": balancer.part.name}, {"Key": DRILL_TAG, "Value": ALLOWED}],
    }


def vpc_id(world: World, region: str) -> str:
    """The estate's network in a region."""
    return "vpc-0" + hashlib.sha256(f"{world.estate.account_id}/{region}".encode()).hexdigest()[:16]
