"""Takeovers that nothing takes back, and the metric that says beforehand what each of them loses.

Sources: Amazon RDS User Guide, Monitoring read replication; ElastiCache User Guide, Metrics for Redis OSS and Valkey.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from harness.aws_rules.operations import PROMOTION


@dataclass(frozen=True, slots=True)
class Lag:
    """A takeover's metric: where CloudWatch has it, and which parameters of the call name its subject and the taker."""

    namespace: str
    metric: str
    dimension: str
    of: str
    taker: str


LAGS: Mapping[str, Lag] = {
    PROMOTION: Lag("AWS/RDS", "ReplicaLag", "DBInstanceIdentifier", "DBInstanceIdentifier", "DBInstanceIdentifier"),
    "FailoverGlobalReplicationGroup": Lag(
        "AWS/ElastiCache",
        "GlobalDatastoreReplicationLag",
        "GlobalReplicationGroupId",
        "GlobalReplicationGroupId",
        "PrimaryReplicationGroupId",
    ),
    "DisassociateGlobalReplicationGroup": Lag(
        "AWS/ElastiCache",
        "GlobalDatastoreReplicationLag",
        "GlobalReplicationGroupId",
        "GlobalReplicationGroupId",
        "ReplicationGroupId",
    ),
}
