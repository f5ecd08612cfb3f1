"""Route 53: hosted zones, record sets and health checks, answered by the estate's resolver."""

from harness.cloud.services.route53.service import Route53

__all__ = ["Route53"]
