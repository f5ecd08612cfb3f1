"""The probe of what leads to a region that took over: the settings of its service, and the records of the zone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from harness.aws import Aws
from harness.estate import Database, Estate, Role, Service
from harness.facts import Probed, Stage
from harness.login import Login
from harness.probes.cache import primary_host
from harness.probes.database import endpoint_of

if TYPE_CHECKING:
    from mypy_boto3_route53.type_defs import ResourceRecordSetOutputTypeDef


def settings(aws: Aws, estate: Estate, role: Role, login: Login, stage: Stage) -> Probed:
    """Whether the next task of a service would find its stores: those that run have read theirs long ago."""
    service = estate.service(role)
    what = f"settings of {service.service}"
    try:
        wrong = list(_wrong_settings(aws, estate, service, login))
    except ClientError as error:
        return Probed(stage, what, ok=False, detail=str(error))
    return Probed(stage, what, ok=not wrong, detail="; ".join(wrong))


def _wrong_settings(aws: Aws, estate: Estate, service: Service, login: Login) -> Iterator[str]:
    ssm, database = aws.ssm(service.region), estate.placed(service.database)
    assert isinstance(database, Database)
    meant = {f"{service.settings}/endpoint": endpoint_of(aws, database)}
    if service.cache and service.cache_settings:
        cache = estate.cache(service.cache)
        [group] = aws.elasticache(cache.region).describe_replication_groups(ReplicationGroupId=cache.identifier)[
            "ReplicationGroups"
        ]
        meant[f"{service.cache_settings}/endpoint"] = primary_host(group)
    for name, host in meant.items():
        found = ssm.get_parameter(Name=name)["Parameter"]["Value"]
        if found != host:
            yield f"{name} is {found} instead of {host}"
    secret = json.loads(aws.secretsmanager(service.region).get_secret_value(SecretId=service.secret)["SecretString"])
    if (secret.get("username"), secret.get("password")) != (login.user, login.password):
        yield f"{service.secret} is not the login of its database"


def records(aws: Aws, estate: Estate, ttl: int, stage: Stage) -> Probed:
    """Whether the public name's first choice is checked, and no answer is kept for longer than `ttl` seconds."""
    zone = estate.zone
    found = list(_records(aws, estate))
    first = [one for one in found if one["Name"].rstrip(".") == zone.public_name and one.get("Failover") == "PRIMARY"]
    wrong = [
        f"{one['Name']} is answered whether its balancer is well or not"
        for one in first
        if not one.get("HealthCheckId") and not one.get("AliasTarget", {}).get("EvaluateTargetHealth")
    ]
    wrong += [
        f"{one['Name']} is kept for {one['TTL']} s instead of {ttl} s" for one in found if one.get("TTL", 0) > ttl
    ]
    return Probed(stage, f"records of {zone.name}", ok=not wrong, detail="; ".join(wrong))


def longest_ttl(aws: Aws, estate: Estate) -> int:
    """Seconds for which clients keep an answer at most."""
    return max((record.get("TTL", 0) for record in _records(aws, estate)), default=0)


def _records(aws: Aws, estate: Estate) -> Iterator[ResourceRecordSetOutputTypeDef]:
    route53, names = aws.route53(), {estate.zone.public_name, estate.zone.database_name}
    for zone in route53.list_hosted_zones_by_name(DNSName=estate.zone.name)["HostedZones"]:
        if zone["Name"].rstrip(".") == estate.zone.name:
            for record in route53.list_resource_record_sets(HostedZoneId=zone["Id"])["ResourceRecordSets"]:
                if record["Name"].rstrip(".") in names and record["Type"] in {"A", "CNAME"}:
                    yield record
