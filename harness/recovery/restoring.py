"""What every restore of a database has in common: the damaged one is closed, the new one made as the lost one was."""

from __future__ import annotations

from datetime import datetime

from harness.aws_rules.durations import ARCHIVE_LOG, MODIFY_INSTANCE, RESTORE_POINT_IN_TIME, RESTORE_SNAPSHOT, Published
from harness.errors import ProcedureFailed
from harness.estate import Database
from harness.recovery import databases
from harness.recovery.procedure import REAL_MACHINES, Recovery
from harness.wait import until


def quarantine(recovery: Recovery, database: Database) -> None:
    """Let nobody into a damaged instance, and keep it to be looked at: what is written there now would be lost.

    It alone gets another security group, whoever else may be in its own. Returns when that one decides. Raises
    ProcedureFailed without one.
    """
    if database.quarantine_group is None:
        raise ProcedureFailed(f"the estate names no security group to keep {database.identifier} in")
    recovery.aws.rds(database.region).modify_db_instance(
        DBInstanceIdentifier=database.identifier,
        VpcSecurityGroupIds=[database.quarantine_group],
        ApplyImmediately=True,
    )
    closed = [(database.quarantine_group, "active")]

    def nobody_gets_in() -> bool:
        groups = databases.look(recovery, database).get("VpcSecurityGroups", [])
        return [(group.get("VpcSecurityGroupId"), group.get("Status")) for group in groups] == closed

    what, within = f"{database.identifier} in {database.quarantine_group}", recovery.patience(MODIFY_INSTANCE)
    until(what, nobody_gets_in, within=within, clock=recovery.clock)


def wait_restorable(recovery: Recovery, database: Database, moment: datetime) -> None:
    """Wait until the archived log reaches that moment; RDS archives it each five minutes."""

    def reached() -> bool:
        latest = databases.look(recovery, database).get("LatestRestorableTime")
        return latest is not None and latest >= moment

    within = ARCHIVE_LOG * 2 * recovery.pace + REAL_MACHINES
    until(f"{database.identifier} restorable to {moment}", reached, within=within, clock=recovery.clock)


def to_point_in_time(recovery: Recovery, source: Database, target: Database, moment: datetime) -> None:
    """Make `target` of what `source` held at that moment; returns when it is available.

    Groups and class are given, because RDS would take defaults: a default security group lets nobody in.
    """
    recovery.aws.rds(target.region).restore_db_instance_to_point_in_time(
        SourceDBInstanceIdentifier=source.identifier,
        TargetDBInstanceIdentifier=target.identifier,
        RestoreTime=moment,
        DBInstanceClass=target.instance_class,
        DBParameterGroupName=target.parameter_group,
        DBSubnetGroupName=target.subnet_group,
        VpcSecurityGroupIds=[target.security_group],
        PubliclyAccessible=False,
        MultiAZ=False,  # the standby comes when clients are served
    )
    _wait(recovery, target, RESTORE_POINT_IN_TIME)


def from_snapshot(recovery: Recovery, snapshot: str, target: Database) -> None:
    """Make `target` of a snapshot; returns when it is available."""
    recovery.aws.rds(target.region).restore_db_instance_from_db_snapshot(
        DBInstanceIdentifier=target.identifier,
        DBSnapshotIdentifier=snapshot,
        DBInstanceClass=target.instance_class,
        DBParameterGroupName=target.parameter_group,
        DBSubnetGroupName=target.subnet_group,
        VpcSecurityGroupIds=[target.security_group],
        PubliclyAccessible=False,
        MultiAZ=False,
    )
    _wait(recovery, target, RESTORE_SNAPSHOT)


def _wait(recovery: Recovery, target: Database, takes: Published) -> None:
    databases.wait_available(recovery, target, recovery.patience(takes))
    recovery.serving = target
