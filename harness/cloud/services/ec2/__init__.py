"""Amazon EC2, security groups only: they decide whether the application reaches a database."""

from harness.cloud.services.ec2.service import Ec2

__all__ = ["Ec2"]
