"""How everybody is led to the other region."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from harness.errors import ProcedureFailed
from harness.recovery import switching
from harness.recovery.procedure import Recovery, Undo

if TYPE_CHECKING:
    from mypy_boto3_route53.type_defs import ResourceRecordSetTypeDef

_OTHER = {"PRIMARY": "SECONDARY", "SECONDARY": "PRIMARY"}


def switch_names(recovery: Recovery, database_host: str) -> None:
    """Make the second choice of the public name the first, and lead the database's name to that host, all at once.

    The one that was first stays as the second choice: were it not demoted, everybody would be led back to it on the
    day on which it answers again, and to the data that it had.
    """
    before = [*_choices(recovery), switching.database_record(recovery)]
    recovery.undo.append(Undo("the zone's names", lambda: switching.write_records(recovery, before)))
    *choices, database = before
    switching.write_records(recovery, [*_swapped(choices), _led(database, database_host)])


def _choices(recovery: Recovery) -> list[ResourceRecordSetTypeDef]:
    """The failover records of the public name. Raises ProcedureFailed where it has not both."""
    name = recovery.estate.zone.public_name
    listed = recovery.aws.route53().list_resource_record_sets(
        HostedZoneId=switching.zone_id(recovery), StartRecordName=name, StartRecordType="A"
    )
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
