"""How everybody is led to the other region."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, cast

from harness.errors import ProcedureFailed
from harness.recovery import switching
from harness.recovery.procedure import Recovery, Undo

if TYPE_CHECKING:
    from mypy_boto3_route53.type_defs import ChangeTypeDef, ResourceRecordSetTypeDef


def switch_names(recovery: Recovery, database_host: str) -> None:
    """Make the second choice of the public name the only one, and lead the database's name to that host, all at once.

    The one that was first is taken away. Were it left, if only as the second choice, everybody would be led to it on
    the day on which it answers again, and to the data that it had, as soon as the other fails a check.
    """
    lost, other = _choices(recovery)
    database = switching.database_record(recovery)
    put_back = [_change("UPSERT", record) for record in (other, lost, database)]
    recovery.undo.append(Undo("the zone's names", lambda: switching.change_records(recovery, put_back)))
    changes = [
        _change("DELETE", lost),
        _change("UPSERT", {**other, "Failover": "PRIMARY"}),
        _change("UPSERT", {**database, "ResourceRecords": [{"Value": database_host}]}),
    ]
    switching.change_records(recovery, changes)


def _choices(recovery: Recovery) -> tuple[ResourceRecordSetTypeDef, ResourceRecordSetTypeDef]:
    """The first and the second choice of the public name. Raises ProcedureFailed where it has not both."""
    name = recovery.estate.zone.public_name
    listed = recovery.aws.route53().list_resource_record_sets(
        HostedZoneId=switching.zone_id(recovery), StartRecordName=name, StartRecordType="A"
    )
    found = {
        record.get("Failover", ""): record
        for record in listed["ResourceRecordSets"]
        if record["Name"].rstrip(".") == name.rstrip(".") and record["Type"] == "A"
    }
    if set(found) != {"PRIMARY", "SECONDARY"}:
        raise ProcedureFailed(f"{name} has no first and second choice between which it could fail over")
    return cast("ResourceRecordSetTypeDef", found["PRIMARY"]), cast("ResourceRecordSetTypeDef", found["SECONDARY"])


def _change(action: Literal["DELETE", "UPSERT"], record: ResourceRecordSetTypeDef) -> ChangeTypeDef:
    return {"Action": action, "ResourceRecordSet": record}
