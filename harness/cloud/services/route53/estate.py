"""The estate file's zone in Route 53's terms: roles become the DNS names of balancers and databases."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from harness.aws_rules.records import Alias, RecordSet, full_name
from harness.aws_rules.zones import BALANCER_ZONES
from harness.cloud.service import World
from harness.cloud.services.elbv2 import Elbv2
from harness.cloud.services.rds import Rds
from harness.estate import Estate, HealthCheck
from harness.estate import RecordSet as EstateRecord


def reference(estate: Estate, name: str) -> str:
    """The caller reference of something that the estate was raised with."""
    return f"{estate.name}-{name}"


def config_of(world: World, check: HealthCheck) -> dict[str, Any]:
    """A health check's configuration. Its port is the one that the balancer really listens on."""
    balancer = world.estate.balancer(check.balancer)
    return {
        "Type": "HTTP",
        "FullyQualifiedDomainName": world.neighbour(Elbv2).dns_name(check.balancer),
        "Port": world.addresses.ports.get(balancer.listener_port, balancer.listener_port),
        "ResourcePath": check.path,
        "RequestInterval": check.interval,
        "FailureThreshold": check.failure_threshold,
    }


def record_of_estate(world: World, record: EstateRecord, checks: Mapping[str, str]) -> RecordSet:
    """A record of the estate file; `checks` holds the ids of its health checks by name."""
    alias = values = None
    if record.alias:
        target = world.neighbour(Elbv2).dns_name(record.alias)
        zone = BALANCER_ZONES[world.estate.balancer(record.alias).region]
        alias = Alias(zone, full_name(target), evaluate_health=True)
    elif record.points_to:
        values = (world.neighbour(Rds).endpoint(record.points_to).host,)
    return RecordSet(
        full_name(record.name),
        record.type,
        record.set_identifier or "",
        ttl=None if alias else record.ttl,
        values=values or (),
        alias=alias,
        policy=("Failover", record.failover) if record.failover else None,
        health_check=checks[record.health_check] if record.health_check else None,
    )
