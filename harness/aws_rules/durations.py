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
RDS_EVENT = _minutes(1, 5, "observed: what subscribers of RDS's events are told comes within five minutes")
SECURITY_GROUP_CHANGE = _minutes(0.05, 0.5, "EC2 User Guide, Security groups: applied after a short period")
CREATE_SNAPSHOT = _minutes(
    3, 30, "observed for incremental snapshots of 100 GiB; RDS User Guide, Creating a DB snapshot: grows with the data"
)
COPY_SNAPSHOT = _minutes(
    10, 120, "observed; RDS User Guide, Copying a DB snapshot: across regions up to hours, grows with the data"
)
RESTORE_SNAPSHOT = _minutes(
    10, 40, "observed for db.r6g.large; RDS User Guide, Restoring to a DB instance: usable while its data still loads"
)
RESTORE_POINT_IN_TIME = _minutes(
    15, 90, "observed; the provider tests of Terraform take 10 to 15 min; the log since the last snapshot is replayed"
)
DELETE_INSTANCE = _minutes(3, 15, "observed")
ARCHIVE_LOG = timedelta(minutes=5)
"""RDS uploads its log each 5 minutes: LatestRestorableTime is about as old (RDS User Guide, Point-in-time recovery)."""
DAY = timedelta(days=1)
"""Between two automated snapshots (RDS User Guide, Working with backups)."""
CREATE_CACHE = _minutes(6, 20, "observed for cache.r6g.large; with a snapshot to load it grows with the data")
MODIFY_CACHE = _minutes(1, 10, "observed for settings that need no other nodes")
DELETE_CACHE = _minutes(5, 15, "observed")
CACHE_SNAPSHOT = _minutes(3, 30, "observed; ElastiCache User Guide, Backup and restore: grows with the data")
CACHE_FAILOVER = _minutes(
    0.5, 2, "observed; ElastiCache User Guide, Minimizing downtime with Multi-AZ, gives no figure: a node is dead, a"
    " replica promoted, its name propagated"
)  # fmt: skip
REPLACE_CACHE_NODE = _minutes(5, 15, "observed: a dead node is replaced and filled by the primary")
GLOBAL_FAILOVER = _minutes(
    1, 5, "ElastiCache FAQ, Global Datastore: a secondary is promoted to primary in less than a minute"
)
GLOBAL_MEMBERSHIP = _minutes(2, 10, "observed: a group joins or leaves a Global Datastore")
BACKUP_JOB_START = _minutes(
    1, 60, "observed; AWS Backup Developer Guide, Backup plan options: a job starts within its window, by default 8 h"
)
RESTORE_RECOVERY_POINT = _minutes(
    12, 60, "observed for db.r6g.large: the restore job is queued, then the snapshot is restored as RDS does"
)
BACK_UP_BUCKET = _minutes(15, 60, "observed: a bucket of one small object takes 16 min")
COPY_BUCKET_BACKUP = _minutes(15, 120, "observed; grows with the data")
RESTORE_BUCKET = _minutes(15, 120, "observed; grows with the number of objects")
REPLICATE_OBJECT = _minutes(
    0.25, 15, "S3 User Guide, Replication: most objects replicate within seconds, with Time Control within 15 min"
)
BACK_UP = Published(
    BACKUP_JOB_START.usual + CREATE_SNAPSHOT.usual,
    BACKUP_JOB_START.worst + BACK_UP_BUCKET.worst,
    "the job's start, then a snapshot or a bucket's first backup, by the figures of each",
)
COPY_RECOVERY_POINT = Published(
    COPY_SNAPSHOT.usual,
    BACKUP_JOB_START.worst + COPY_SNAPSHOT.worst,
    "the job's start, then a copy into another region, by the figures of each",
)
REGISTER_TARGET = _minutes(
    0.25, 5, "ELB User Guide, Health checks: a new target serves after one good check; they are 5 to 300 s apart"
)
DRAIN_TARGET = _minutes(0, 5, "ELB User Guide, Deregistration delay: requests under way get 300 s by default")
PARAMETER_GROUP = _minutes(
    5, 5, "RDS API Reference, CreateDBParameterGroup: wait at least 5 minutes before an instance uses it"
)
BUCKET_VERSIONING = _minutes(
    0.25, 15, "S3 User Guide, Enabling versioning on buckets: wait 15 minutes before writing objects"
)
AUTOMATIC_SNAPSHOTS = timedelta(days=1)
"""Between automatic snapshots of a cache (ElastiCache User Guide, Scheduling automatic backups)."""

BALANCER_CHECK_INTERVAL = timedelta(seconds=10)
"""Between health checks of a target, as the estate sets it (AWS allows 5 to 300 s)."""
METRIC_PERIOD = timedelta(seconds=60)
"""RDS publishes its metrics to CloudWatch each minute (RDS User Guide, Monitoring)."""
ALIAS_TTL = 60
"""Seconds: the TTL of an alias to a load balancer (Route 53 Developer Guide, Choosing between alias and non-alias)."""
ENDPOINT_TTL = 5
"""Seconds: the TTL of an RDS endpoint's own record (RDS best practices: JVM TTL no more than 30, records at 5)."""
CACHE_ENDPOINT_TTL = 15
"""Seconds: the TTL of an ElastiCache endpoint's own record, as observed."""

OF_OPERATION = {
    "PromoteReadReplica": ("promotion", PROMOTE_READ_REPLICA),
    "RebootDBInstance": ("reboot", MODIFY_INSTANCE),
    "CreateDBInstance": ("creation of an instance", CREATE_INSTANCE),
    "StartDBInstance": ("start of an instance", START_INSTANCE),
    "StopDBInstance": ("stop of an instance", STOP_INSTANCE),
    "CopyDBSnapshot": ("copy of a snapshot", COPY_SNAPSHOT),
    "RestoreDBInstanceFromDBSnapshot": ("restore of a snapshot", RESTORE_SNAPSHOT),
    "RestoreDBInstanceToPointInTime": ("restore to a point in time", RESTORE_POINT_IN_TIME),
    "StartRestoreJob": ("restore of a recovery point", RESTORE_RECOVERY_POINT),
    "UpdateService": ("deployment", ECS_START_TASK),
    "ChangeResourceRecordSets": ("Route 53 spreads the change", ROUTE53_INSYNC),
    "CreateReplicationGroup": ("creation of a cache", CREATE_CACHE),
    "TestFailover": ("failover of a cache", CACHE_FAILOVER),
    "FailoverGlobalReplicationGroup": ("promotion of the other region's cache", GLOBAL_FAILOVER),
    "DisassociateGlobalReplicationGroup": ("detachment of a cache", GLOBAL_MEMBERSHIP),
    "DeleteDBInstance": ("deletion of an instance", DELETE_INSTANCE),
    "CreateDBSnapshot": ("snapshot", CREATE_SNAPSHOT),
    "CreateDBParameterGroup": ("a parameter group can be used", PARAMETER_GROUP),
    "StartBackupJob": ("backup", BACK_UP),
    "StartCopyJob": ("copy of a recovery point", COPY_RECOVERY_POINT),
    "RunTask": ("start of a task", ECS_START_TASK),
    "StopTask": ("replacement of a task", ECS_START_TASK),
    "CreateService": ("first deployment", ECS_START_TASK),
    "RegisterTargets": ("a target serves", REGISTER_TARGET),
    "DeregisterTargets": ("a target is drained", DRAIN_TARGET),
    "CreateHostedZone": ("Route 53 spreads the zone", ROUTE53_INSYNC),
    "CreateHealthCheck": ("Route 53 spreads the health check", ROUTE53_INSYNC),
    "UpdateHealthCheck": ("Route 53 spreads the health check", ROUTE53_INSYNC),
    "DeleteHealthCheck": ("Route 53 spreads the health check", ROUTE53_INSYNC),
    "ModifyReplicationGroup": ("modification of a cache", MODIFY_CACHE),
    "DeleteReplicationGroup": ("deletion of a cache", DELETE_CACHE),
    "CreateSnapshot": ("snapshot of a cache", CACHE_SNAPSHOT),
    "CopySnapshot": ("copy of a cache's snapshot", CACHE_SNAPSHOT),
    "CreateGlobalReplicationGroup": ("creation of a Global Datastore", GLOBAL_MEMBERSHIP),
    "DeleteGlobalReplicationGroup": ("end of a Global Datastore", GLOBAL_MEMBERSHIP),
    "PutBucketVersioning": ("versioning of a bucket", BUCKET_VERSIONING),
    "AuthorizeSecurityGroupIngress": ("security group", SECURITY_GROUP_CHANGE),
    "AuthorizeSecurityGroupEgress": ("security group", SECURITY_GROUP_CHANGE),
    "RevokeSecurityGroupIngress": ("security group", SECURITY_GROUP_CHANGE),
    "RevokeSecurityGroupEgress": ("security group", SECURITY_GROUP_CHANGE),
}
"""What a recovery waits for after such a call. ModifyDBInstance is not among them: the instance may serve meanwhile.
What is in neither this nor `immediate.IMMEDIATE` leaves a forecast incomplete."""
SERVES_MEANWHILE = frozenset(
    {
        "DBInstanceIdentifier",
        "ApplyImmediately",
        "BackupRetentionPeriod",
        "DeletionProtection",
        "MultiAZ",
        "PreferredBackupWindow",
        "PreferredMaintenanceWindow",
        "ReplicationGroupId",
        "SnapshotRetentionLimit",
        "SnapshotWindow",
        "VpcSecurityGroupIds",
    }
)
"""What of an instance or a cache can be modified while it serves (RDS User Guide, Settings for DB instances;
ElastiCache User Guide, Modifying a replication group); all else may interrupt it, and nobody has published for how
long."""
