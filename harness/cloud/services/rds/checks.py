"""What RDS refuses, in its own words where they are known."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from harness.cloud.service import AwsError
from harness.cloud.services.rds.state import DbInstance

_STATE = "InvalidDBInstanceState"


def check_promotable(instance: DbInstance) -> None:
    """A read replica in state available, and nothing else, can be promoted."""
    if instance.source is None:
        raise AwsError(_STATE, "DB Instance is not a read replica.")
    _check_available(instance)


def check_modifiable(instance: DbInstance, params: Mapping[str, Any]) -> None:
    check_retention(params)
    if instance.status != "available":
        raise AwsError(_STATE, "Database instance is not in available state.")


def check_rebootable(instance: DbInstance, params: Mapping[str, Any]) -> None:
    _check_available(instance)
    if params.get("ForceFailover"):
        if not instance.multi_az:
            raise AwsError("InvalidParameterCombination", "Cannot force failover of an instance that is not Multi-AZ.")
        raise AwsError("NotImplemented", "the embedded cloud does not implement rds RebootDBInstance by failover", 501)


def check_stoppable(instance: DbInstance) -> None:
    _check_links(instance)
    _check_available(instance)


def check_startable(instance: DbInstance) -> None:
    _check_links(instance)
    if instance.status != "stopped":
        raise AwsError(_STATE, f"Instance {instance.identifier} is not stopped, cannot be started.")


def check_retention(params: Mapping[str, Any]) -> None:
    days = params.get("BackupRetentionPeriod", 0)
    if not 0 <= days <= 35:
        raise AwsError(
            "InvalidParameterValue", f"Invalid backup retention period: {days}. It must be between 0 and 35."
        )


def _check_available(instance: DbInstance) -> None:
    if instance.status != "available":
        raise AwsError(_STATE, f"Instance {instance.identifier} is not in available state.")


def _check_links(instance: DbInstance) -> None:
    if instance.source is not None:
        raise AwsError(_STATE, "Cannot stop or start a Read-Replica instance")
    if instance.replicas:
        raise AwsError(_STATE, "Cannot stop or start an instance that has Read-Replicas")
