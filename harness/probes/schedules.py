"""The probe of AWS Backup's schedules: how long a resource goes without another backup."""

from __future__ import annotations

from datetime import timedelta

from harness.aws import Aws
from harness.aws_rules.schedules import DEFAULT, read_schedule


def pauses_of(aws: Aws, arn: str) -> list[timedelta]:
    """The longest pause between two runs, of each rule of each plan that selects a resource by its ARN.

    Plans of others, and those that select by tag, are not among them. Raises ClientError, and ValueError for a
    schedule that is not understood.
    """
    backup = aws.backup(arn.split(":")[3])
    pauses = []
    for page in backup.get_paginator("list_backup_plans").paginate():
        for plan in page["BackupPlansList"]:
            if _selects(aws, arn, plan["BackupPlanId"]):
                rules = backup.get_backup_plan(BackupPlanId=plan["BackupPlanId"])["BackupPlan"]["Rules"]
                pauses += [read_schedule(rule.get("ScheduleExpression", DEFAULT)).longest_pause() for rule in rules]
    return pauses


def _selects(aws: Aws, arn: str, plan: str) -> bool:
    backup = aws.backup(arn.split(":")[3])
    for page in backup.get_paginator("list_backup_selections").paginate(BackupPlanId=plan):
        for one in page["BackupSelectionsList"]:
            found = backup.get_backup_selection(BackupPlanId=plan, SelectionId=one["SelectionId"])
            if arn in found["BackupSelection"].get("Resources", ()):
                return True
    return False
