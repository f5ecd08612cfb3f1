"""Elastic Load Balancing: application load balancers, each a real one with real health checks."""

from harness.cloud.services.elbv2.service import Elbv2

__all__ = ["Elbv2"]
