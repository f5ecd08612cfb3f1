"""How clients are led to another database: the application's settings and deployment, and the database's own name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from harness.aws_rules.durations import ECS_START_TASK, ROUTE53_INSYNC
from harness.errors import ProcedureFailed
from harness.estate import Service
from harness.recovery.procedure import Recovery, Undo
from harness.wait import until

if TYPE_CHECKING:
    from mypy_boto3_route53.type_defs import ChangeTypeDef, ResourceRecordSetTypeDef


def repoint_settings(recovery: Recovery, service: Service, host: str, port: int) -> None:
    """Write a database's host and port into the settings that the service's tasks read when they start."""
    write_endpoint(recovery, service.region, service.settings, host, port)


def write_endpoint(recovery: Recovery, region: str, settings: str, host: str, port: int) -> None:
    """Write a host and a port into the settings of that path."""
    ssm = recovery.aws.ssm(region)
    for key, value in (("endpoint", host), ("port", str(port))):
        name = f"{settings}/{key}"
        before = ssm.get_parameter(Name=name)["Parameter"]["Value"]
        recovery.undo.append(_parameter_undo(recovery, region, name, before))
        ssm.put_parameter(Name=name, Value=value, Type="String", Overwrite=True)


def _parameter_undo(recovery: Recovery, region: str, name: str, before: str) -> Undo:
    ssm = recovery.aws.ssm(region)

    def restore() -> None:
        ssm.put_parameter(Name=name, Value=before, Type="String", Overwrite=True)

    return Undo(f"setting {name}", restore)


def deploy(recovery: Recovery, service: Service, definition: str = "") -> None:
    """Replace the service's tasks by new ones, which read the settings afresh; returns when they serve.

    They are of another task `definition` where one is given.
    """
    ecs = recovery.aws.ecs(service.region)
    if definition:
        ecs.update_service(cluster=service.cluster, service=service.service, taskDefinition=definition)
    else:
        ecs.update_service(cluster=service.cluster, service=service.service, forceNewDeployment=True)

    def rolled_out() -> bool:
        found = ecs.describe_services(cluster=service.cluster, services=[service.service])["services"]
        if not found:
            raise ProcedureFailed(f"there is no service {service.service}")
        deployments = found[0]["deployments"]
        states = {d.get("rolloutState") for d in deployments}
        if "FAILED" in states:
            raise ProcedureFailed(f"the deployment of {service.service} failed")
        return len(deployments) == 1 and states == {"COMPLETED"}

    within = recovery.patience(ECS_START_TASK)
    until(f"{service.service} deployed", rolled_out, within=within, clock=recovery.clock)


def zone_id(recovery: Recovery) -> str:
    """The id of the estate's hosted zone. Raises ProcedureFailed when the account has none of that name."""
    zones = recovery.aws.route53().list_hosted_zones_by_name(DNSName=recovery.estate.zone.name)["HostedZones"]
    for zone in zones:
        if zone["Name"].rstrip(".") == recovery.estate.zone.name.rstrip("."):
            return zone["Id"]
    raise ProcedureFailed(f"there is no hosted zone {recovery.estate.zone.name}")


def database_record(recovery: Recovery) -> ResourceRecordSetTypeDef:
    """The record under which direct writers find the database, as Route 53 holds it."""
    name = recovery.estate.zone.database_name
    found = recovery.aws.route53().list_resource_record_sets(
        HostedZoneId=zone_id(recovery), StartRecordName=name, StartRecordType="CNAME", MaxItems="1"
    )["ResourceRecordSets"]
    if not found or found[0]["Name"].rstrip(".") != name.rstrip("."):
        raise ProcedureFailed(f"there is no record {name}")
    return cast("ResourceRecordSetTypeDef", found[0])


def point_name_at(recovery: Recovery, host: str) -> None:
    """Make the database's name an alias (CNAME) of `host`, its TTL unchanged; returns when Route 53 says INSYNC."""
    record = database_record(recovery)
    recovery.undo.append(_record_undo(recovery, record))
    write_record(recovery, {**record, "ResourceRecords": [{"Value": host}]})


def shorten_ttl(recovery: Recovery, seconds: int) -> None:
    """Let clients ask for the database's name more often, ahead of a switch."""
    record = database_record(recovery)
    recovery.undo.append(_record_undo(recovery, record))
    write_record(recovery, {**record, "TTL": seconds})


def _record_undo(recovery: Recovery, record: ResourceRecordSetTypeDef) -> Undo:
    return Undo(f"record {record['Name']}", lambda: write_record(recovery, record))


def write_record(recovery: Recovery, record: ResourceRecordSetTypeDef) -> None:
    """UPSERT one record and wait until Route 53 has spread it."""
    change_records(recovery, [{"Action": "UPSERT", "ResourceRecordSet": record}])


def change_records(recovery: Recovery, changes: Sequence[ChangeTypeDef]) -> None:
    """Make changes in one batch, which is made whole or not at all; returns when Route 53 has spread it."""
    route53 = recovery.aws.route53()
    batch = route53.change_resource_record_sets(HostedZoneId=zone_id(recovery), ChangeBatch={"Changes": [*changes]})
    until(
        f"{', '.join(change['ResourceRecordSet']['Name'] for change in changes)} INSYNC",
        lambda: route53.get_change(Id=batch["ChangeInfo"]["Id"])["ChangeInfo"]["Status"] == "INSYNC",
        within=recovery.patience(ROUTE53_INSYNC),
        clock=recovery.clock,
    )
