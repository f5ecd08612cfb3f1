"""Amazon ElastiCache: replication groups of real Valkey nodes, their snapshots and Global Datastores."""

from harness.cloud.services.elasticache.service import ElastiCache

__all__ = ["ElastiCache"]
