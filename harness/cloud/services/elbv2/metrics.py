"""What CloudWatch's namespace AWS/ApplicationELB may publish of a balancer."""

from __future__ import annotations

from dataclasses import dataclass

from harness.cloud.services.elbv2.balancers import Balancer
from harness.errors import MachineFailed
from harness.machines.balancer import Stats


@dataclass(frozen=True, slots=True)
class BalancerMetrics:
    """The counts are since the balancer's start."""

    region: str
    balancer: str
    """Dimension LoadBalancer."""
    target_group: str
    """Dimension TargetGroup."""
    stats: Stats
    healthy_hosts: int
    unhealthy_hosts: int


def metrics_of(balancer: Balancer) -> BalancerMetrics | None:
    """None while it does not answer."""
    if not balancer.machine.is_running():
        return None
    try:
        stats = balancer.machine.stats()
    except MachineFailed:
        return None
    hosts = balancer.count("healthy"), balancer.count("unhealthy")
    return BalancerMetrics(balancer.region, balancer.dimension, balancer.group_dimension, stats, *hosts)
