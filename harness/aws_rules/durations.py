"""How long AWS takes, as published or observed: at the drill's pace for the cloud, in full for the forecast."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Published:
    """A duration of AWS's control plane: usual, worst, and who says so."""

    usual: timedelta
    worst: timedelta
    source: str


def _minutes(usual: float, worst: float, source: str) -> Published:
    return Published(timedelta(minutes=usual), timedelta(minutes=worst), source)


PROMOTE_READ_REPLICA = _minutes(
    5, 30, "RDS User Guide, Promoting a read replica: takes several minutes or longer; includes a reboot and a backup"
)
MODIFY_INSTANCE = _minutes(1, 10, "RDS User Guide, Modifying a DB instance: settings applied immediately")
CONVERT_TO_MULTI_AZ = _minutes(10, 60, "RDS User Guide, Converting to Multi-AZ: no downtime; time grows with data")
CREATE_INSTANCE = _minutes(8, 20, "observed for db.r6g.large")
START_INSTANCE = _minutes(3, 15, "observed; RDS User Guide, Starting a stopped instance: minutes to hours")
STOP_INSTANCE = _minutes(2, 10, "observed")
ECS_START_TASK = _minutes(0.75, 2, "observed for Fargate: network interface, image pull, start")
ROUTE53_INSYNC = _minutes(
    0.5, 1, "Route 53 Developer Guide: changes propagate within 60 seconds under normal conditions"
)
MULTI_AZ_FAILOVER = _minutes(1, 2, "RDS User Guide, Multi-AZ deployments: failover times are typically 60-120 seconds")
SECURITY_GROUP_CHANGE = _minutes(0.05, 0.5, "EC2 User Guide, Security groups: applied after a short period")

BALANCER_CHECK_INTERVAL = timedelta(seconds=10)
"""Between health checks of a target, as the estate sets it (AWS allows 5 to 300 s)."""
METRIC_PERIOD = timedelta(seconds=60)
"""RDS publishes its metrics to CloudWatch each minute (RDS User Guide, Monitoring)."""
ALIAS_TTL = 60
"""Seconds: the TTL of an alias to a load balancer (Route 53 Developer Guide, Choosing between alias and non-alias)."""
ENDPOINT_TTL = 5
"""Seconds: the TTL of an RDS endpoint's own record (RDS best practices: JVM TTL no more than 30, records at 5)."""

OF_OPERATION = {
    "PromoteReadReplica": ("promotion", PROMOTE_READ_REPLICA),
    "RebootDBInstance": ("reboot", MODIFY_INSTANCE),
    "CreateDBInstance": ("creation of an instance", CREATE_INSTANCE),
    "StartDBInstance": ("start of an instance", START_INSTANCE),
    "StopDBInstance": ("stop of an instance", STOP_INSTANCE),
    "UpdateService": ("deployment", ECS_START_TASK),
    "ChangeResourceRecordSets": ("Route 53 spreads the change", ROUTE53_INSYNC),
    "RevokeSecurityGroupIngress": ("security group", SECURITY_GROUP_CHANGE),
}
"""What a recovery waits for after such a call. A modification is not among them: the instance may serve meanwhile."""
SERVES_MEANWHILE = frozenset(
    {
        "DBInstanceIdentifier",
        "ApplyImmediately",
        "BackupRetentionPeriod",
        "DeletionProtection",
        "MultiAZ",
        "PreferredBackupWindow",
        "PreferredMaintenanceWindow",
        "VpcSecurityGroupIds",
    }
)
"""What of an instance can be modified while it serves (RDS User Guide, Settings for DB instances); all else may
interrupt it, and nobody has published for how long."""
