"""What a move to the other region needs besides its stores: a service as wide as before, and names that lead there."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from harness.aws_rules.durations import ECS_START_TASK
from harness.errors import ProcedureFailed
from harness.estate import Service
from harness.recovery import switching
from harness.recovery.procedure import Recovery
from harness.wait import until

if TYPE_CHECKING:
    from mypy_boto3_ecs.type_defs import ServiceTypeDef
    from mypy_boto3_route53.type_defs import ResourceRecordSetTypeDef

_OTHER = {"PRIMARY": "SECONDARY", "SECONDARY": "PRIMARY"}


def check_service(recovery: Recovery, service: Service) -> None:
    """Refuse a service that is not there to be scaled. Raises ProcedureFailed."""
    status = _described(recovery, service).get("status")
    if status != "ACTIVE":
        raise ProcedureFailed(f"{service.service} is {status}, so it cannot take over")


def scale(recovery: Recovery, service: Service, count: int) -> None:
    """Run that many tasks of a service, all of them started afresh; returns when every one serves."""
    recovery.aws.ecs(service.region).update_service(
        cluster=service.cluster, service=service.service, desiredCount=count, forceNewDeployment=True
    )

    def stable() -> bool:
        seen = _described(recovery, service)
        rolled_out = [deployment.get("rolloutState") for deployment in seen["deployments"]] == ["COMPLETED"]
        return rolled_out and seen["runningCount"] == seen["desiredCount"] == count

    within = recovery.patience(ECS_START_TASK)
    until(f"{count} tasks of {service.service}", stable, within=within, clock=recovery.clock)


def lead_names(recovery: Recovery, database_host: str) -> None:
    """Make the second choice of the public name the first, and lead the database's name to that host, all at once.

    The one that was first stays as the second choice: were it not demoted, everybody would be led back to it on the
    day on which it answers again, and to the data that it had.
    """
    records = [*_swapped(_choices(recovery)), _led(switching.database_record(recovery), database_host)]
    switching.write_records(recovery, records)


def _choices(recovery: Recovery) -> list[ResourceRecordSetTypeDef]:
    """The failover records of the public name. Raises ProcedureFailed where it has not both."""
    name = recovery.estate.zone.public_name
    listed = recovery.aws.route53().list_resource_record_sets(HostedZoneId=switching.zone_id(recovery))
    found = [
        record
        for record in listed["ResourceRecordSets"]
        if record["Name"].rstrip(".") == name.rstrip(".") and record.get("Failover")
    ]
    if {record.get("Failover") for record in found} != set(_OTHER):
        raise ProcedureFailed(f"{name} has no first and second choice between which it could fail over")
    return cast("list[ResourceRecordSetTypeDef]", found)


def _swapped(choices: list[ResourceRecordSetTypeDef]) -> list[ResourceRecordSetTypeDef]:
    swapped = [{**record, "Failover": _OTHER[record["Failover"]]} for record in choices]
    return cast("list[ResourceRecordSetTypeDef]", swapped)


def _led(record: ResourceRecordSetTypeDef, host: str) -> ResourceRecordSetTypeDef:
    return {**record, "ResourceRecords": [{"Value": host}]}


def _described(recovery: Recovery, service: Service) -> ServiceTypeDef:
    ecs = recovery.aws.ecs(service.region)
    found = ecs.describe_services(cluster=service.cluster, services=[service.service])["services"]
    if not found:
        raise ProcedureFailed(f"there is no service {service.service}")
    return found[0]
