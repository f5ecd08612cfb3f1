"""What every database procedure does with RDS: look, promote, wait, protect, fence."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from harness.aws_rules.durations import CONVERT_TO_MULTI_AZ, PROMOTE_READ_REPLICA
from harness.aws_rules.operations import HOPELESS
from harness.errors import ProcedureFailed
from harness.estate import Database, Role
from harness.recovery.procedure import Recovery
from harness.wait import until

if TYPE_CHECKING:
    from mypy_boto3_rds.type_defs import DBInstanceTypeDef


def look(recovery: Recovery, database: Database) -> DBInstanceTypeDef:
    """The instance as RDS describes it now. Raises ClientError when it is unknown."""
    found = recovery.aws.rds(database.region).describe_db_instances(DBInstanceIdentifier=database.identifier)
    return found["DBInstances"][0]


def endpoint(recovery: Recovery, database: Database) -> tuple[str, int]:
    """Host name and port of an instance. Raises ProcedureFailed while RDS reports none."""
    described = look(recovery, database).get("Endpoint")
    if not described or "Address" not in described:
        raise ProcedureFailed(f"{database.identifier} has no endpoint")
    return described["Address"], described["Port"]


def promote(recovery: Recovery, database: Database, lost: Role) -> None:
    """Make a read replica a primary of its own, with the lost one's backups; returns when RDS says it is available.

    Raises ProcedureFailed when the instance ends in a state that no waiting mends.
    """
    days = recovery.estate.database(lost).backup_retention_days
    recovery.aws.rds(database.region).promote_read_replica(
        DBInstanceIdentifier=database.identifier, BackupRetentionPeriod=days
    )
    wait_available(recovery, database, recovery.patience(PROMOTE_READ_REPLICA), promoted=True)


def wait_available(recovery: Recovery, database: Database, within: timedelta, *, promoted: bool = False) -> None:
    """Wait until RDS reports the instance available (and, where asked, no longer a replica)."""

    def settled() -> bool:
        described = look(recovery, database)
        status = described.get("DBInstanceStatus", "")
        if status in HOPELESS:
            raise ProcedureFailed(f"{database.identifier} is {status}", hint="See the instance's events and log.")
        source = described.get("ReadReplicaSourceDBInstanceIdentifier")
        return status == "available" and not (promoted and source)

    until(f"{database.identifier} available", settled, within=within, clock=recovery.clock)


def protect(recovery: Recovery, database: Database, lost: Role) -> None:
    """Give the new primary the backups, the standby and the protection from deletion that the lost one had; service
    does not wait for it."""
    before = recovery.estate.database(lost)
    recovery.aws.rds(database.region).modify_db_instance(
        DBInstanceIdentifier=database.identifier,
        BackupRetentionPeriod=before.backup_retention_days,
        MultiAZ=before.multi_az,
        DeletionProtection=before.deletion_protection,
        ApplyImmediately=True,
    )


def wait_protected(recovery: Recovery, database: Database, lost: Role) -> None:
    """Wait until the new primary has the standby that the lost one had, and is available again."""
    wait_available(recovery, database, recovery.patience(CONVERT_TO_MULTI_AZ))
    if recovery.estate.database(lost).multi_az and not look(recovery, database).get("MultiAZ"):
        raise ProcedureFailed(f"{database.identifier} is available but has no standby")


def fence(recovery: Recovery, database: Database) -> None:
    """Close every door of a lost instance, so that it acknowledges nothing if it comes back."""
    ec2 = recovery.aws.ec2(database.region)
    groups = ec2.describe_security_groups(GroupIds=[database.security_group])["SecurityGroups"]
    for group in groups:
        if group.get("IpPermissions"):
            ec2.revoke_security_group_ingress(GroupId=group["GroupId"], IpPermissions=group["IpPermissions"])
