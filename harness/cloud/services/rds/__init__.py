"""Amazon RDS: PostgreSQL instances and their read replicas, each a real server. It owns DB instances wholly."""

from harness.cloud.services.rds.service import Rds

__all__ = ["Rds"]
