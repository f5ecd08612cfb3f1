"""The runbook's impact assessment: what RDS and CloudWatch say of the lost primary and of the one to take its place."""

from __future__ import annotations

from datetime import timedelta

from botocore.exceptions import ClientError

from harness.aws import error_code
from harness.errors import ProcedureFailed
from harness.estate import Database
from harness.recovery import databases
from harness.recovery.procedure import Recovery

LOOK_BACK = timedelta(minutes=10)
METRICS = ("DatabaseConnections", "CPUUtilization", "FreeStorageSpace", "ReadLatency", "WriteLatency")


def assess(recovery: Recovery, lost: Database, replica: Database) -> None:
    """Look before acting. Raises ProcedureFailed when there is no replica to promote, or none that may be promoted."""
    databases.look(recovery, lost)
    _look_for_cluster(recovery, lost)
    for metric in METRICS:
        latest_metric(recovery, lost, metric)
    check_promotable(recovery, replica)


def check_promotable(recovery: Recovery, replica: Database) -> None:
    """Refuse what is no replica, or is not available, or lags. Raises ProcedureFailed."""
    described = databases.look(recovery, replica)
    status = described.get("DBInstanceStatus")
    if status != "available":
        raise ProcedureFailed(f"{replica.identifier} is {status}, so it cannot be promoted")
    if not described.get("ReadReplicaSourceDBInstanceIdentifier"):
        raise ProcedureFailed(f"{replica.identifier} is not a read replica")
    check_lag(recovery, replica)


def check_lag(recovery: Recovery, replica: Database) -> None:
    """Refuse a replica that CloudWatch says is further behind than the promised RPO."""
    lag, promised = latest_metric(recovery, replica, "ReplicaLag"), recovery.objectives.rpo
    if lag is not None and lag > promised.total_seconds():
        behind = timedelta(seconds=round(lag))
        raise ProcedureFailed(f"{replica.identifier} is {behind} behind, more than the promised {promised}")


def latest_metric(recovery: Recovery, database: Database, metric: str) -> float | None:
    """The newest value of one of an instance's metrics, or None where CloudWatch has none."""
    now = recovery.clock.wall()
    points = recovery.aws.cloudwatch(database.region).get_metric_statistics(
        Namespace="AWS/RDS",
        MetricName=metric,
        Dimensions=[{"Name": "DBInstanceIdentifier", "Value": database.identifier}],
        StartTime=now - LOOK_BACK,
        EndTime=now + timedelta(minutes=1),
        Period=60,
        Statistics=["Average"],
    )["Datapoints"]
    newest = max(points, key=lambda point: point["Timestamp"], default=None)
    return newest["Average"] if newest else None


def _look_for_cluster(recovery: Recovery, lost: Database) -> None:
    """The runbook also asks whether it was a member of an Aurora cluster; where none is, RDS says so."""
    try:
        recovery.aws.rds(lost.region).describe_db_clusters(DBClusterIdentifier=lost.identifier)
    except ClientError as error:
        if error_code(error) != "DBClusterNotFoundFault":
            raise
