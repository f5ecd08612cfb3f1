"""RDS's automated backups as it describes them: also those of an instance that is lost or deleted."""

from __future__ import annotations

from harness.cloud.service import Answer, AwsError, Call, operation
from harness.cloud.services.rds.automated_state import AutomatedBackup
from harness.cloud.services.rds.backups import Backups
from harness.cloud.services.rds.snapshot_state import Portrait
from harness.cloud.services.rds.words import kept_by_filters, page

_FILTERS = {
    "db-instance-id": lambda kept: (kept.instance.identifier, kept.instance.arn),
    "dbi-resource-id": lambda kept: (kept.instance.resource_id,),
    "status": lambda kept: (_status(kept),),
}


class AutomatedBackupCalls:
    """One automated backup for each instance whose retention period is not 0."""

    def __init__(self, backups: Backups) -> None:
        self._backups = backups

    @operation("DescribeDBInstanceAutomatedBackups")
    def describe(self, call: Call) -> Answer:
        found = [kept for kept in self._backups if kept.instance.region == call.region and kept.is_on()]
        params = call.params
        if name := params.get("DBInstanceIdentifier"):
            found = [kept for kept in found if kept.instance.identifier == name.lower()]
        if resource := params.get("DbiResourceId"):
            found = [kept for kept in found if kept.instance.resource_id == resource]
        if arn := params.get("DBInstanceAutomatedBackupsArn"):
            found = [kept for kept in found if kept.arn == arn]
        if not found and (name or resource or arn):
            raise AwsError("DBInstanceAutomatedBackupNotFound", "There is no such automated backup.", 404)
        shown, marker = page(kept_by_filters(found, call, _FILTERS), call, lambda kept: kept.arn)
        return {"DBInstanceAutomatedBackups": [_shown(kept) for kept in shown], **marker}

    @operation("DeleteDBInstanceAutomatedBackup")
    def delete(self, call: Call) -> Answer:
        """Only retained ones: those of an instance that exists are turned off by its retention period."""
        for kept in self._backups:
            named = kept.instance.resource_id == call.params.get("DbiResourceId")
            if kept.retained and (named or kept.arn == call.params.get("DBInstanceAutomatedBackupsArn")):
                self._backups.forget(kept.instance, retain=False)
                return {"DBInstanceAutomatedBackup": _shown(kept) | {"Status": "deleting"}}
        raise AwsError("DBInstanceAutomatedBackupNotFound", "There is no such retained automated backup.", 404)


def _status(kept: AutomatedBackup) -> str:
    if kept.retained:
        return "retained"
    return "active" if kept.bases else "creating"


def _shown(kept: AutomatedBackup) -> Answer:
    portrait = kept.portrait if kept.retained else Portrait.of(kept.instance)
    window: Answer = {}
    if earliest := kept.earliest():
        latest = kept.latest()
        window = {"EarliestTime": earliest, "LatestTime": latest.at if latest else earliest}
    return portrait.shown() | {
        "DBInstanceArn": kept.instance.arn,
        "DBInstanceAutomatedBackupsArn": kept.arn,
        "Region": kept.instance.region,
        "Status": _status(kept),
        "BackupTarget": "region",
        "RestoreWindow": window,
        "DBInstanceAutomatedBackupsReplications": [],
    }
