"""The probe of what a switch changes: the application's settings and the zone's records, as the API gives them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

from harness.aws import Aws
from harness.estate import Estate
from harness.facts import ConfigurationSeen, ForecastInput, Part

if TYPE_CHECKING:
    from mypy_boto3_route53.type_defs import ResourceRecordSetOutputTypeDef


def configuration(aws: Aws, estate: Estate, moment: str) -> ConfigurationSeen:
    """Every setting and every record, by name. Raises ClientError."""
    return ConfigurationSeen(moment, dict([*_settings(aws, estate), *_shown(aws, estate)]))


def time_to_live(aws: Aws, estate: Estate) -> ForecastInput:
    """For how long clients may keep the database's name, as they learnt it before anything was switched."""
    name = estate.zone.database_name
    kept = max((r.get("TTL", 0) for r in _records(aws, estate) if r["Name"].rstrip(".") == name), default=0)
    return ForecastInput(
        Part.REDIRECT,
        f"TTL of {name}",
        timedelta(0),
        timedelta(seconds=kept),
        "the record before the disaster",
        only_if="ChangeResourceRecordSets",
    )


def _settings(aws: Aws, estate: Estate) -> Iterator[tuple[str, str]]:
    for service in estate.services:
        for path in filter(None, (service.settings, service.cache_settings)):
            for parameter in aws.ssm(service.region).get_parameters_by_path(Path=path)["Parameters"]:
                yield f"{service.region} {parameter['Name']}", parameter["Value"]


def _shown(aws: Aws, estate: Estate) -> Iterator[tuple[str, str]]:
    for record in _records(aws, estate):
        if record["Type"] not in {"NS", "SOA"}:
            name = f"{record['Name']} {record['Type']} {record.get('SetIdentifier', '')}".rstrip()
            values = ",".join(value["Value"].rstrip(".") for value in record.get("ResourceRecords", []))
            target = record.get("AliasTarget", {}).get("DNSName", "")
            yield name, f"{values or target} for {record.get('TTL', 'its own TTL')} s"


def _records(aws: Aws, estate: Estate) -> list[ResourceRecordSetOutputTypeDef]:
    route53 = aws.route53()
    for zone in route53.list_hosted_zones_by_name(DNSName=estate.zone.name)["HostedZones"]:
        if zone["Name"].rstrip(".") == estate.zone.name:
            return route53.list_resource_record_sets(HostedZoneId=zone["Id"])["ResourceRecordSets"]
    return []
