"""Amazon CloudWatch: metrics measured on the real servers, and alarms that are really evaluated."""

from harness.cloud.services.cloudwatch.service import CloudWatch

__all__ = ["CloudWatch"]
