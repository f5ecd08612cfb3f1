"""AWS Systems Manager, Parameter Store only: where the application reads its database's address when it starts."""

from harness.cloud.services.ssm.service import Ssm

__all__ = ["Ssm"]
