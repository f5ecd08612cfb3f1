"""AWS's services that belong to no region. What changes them is done in us-east-1 (AWS Fault Isolation Boundaries)."""

from __future__ import annotations

GLOBAL_SERVICES = frozenset({"route53", "iam", "sts", "cloudfront"})
