"""AWS Backup's plans: what they hold, which resources are selected, and the restore testing plans beside them."""

from __future__ import annotations

import copy
import threading
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from harness.aws_rules.schedules import DEFAULT, read_schedule
from harness.cloud.service import Answer, AwsError, Call, World, operation
from harness.cloud.services.backup.state import Points
from harness.cloud.services.backup.words import invalid, missing, page


@dataclass(slots=True)
class Plan:
    """One version of a backup plan."""

    id: str
    arn: str
    region: str
    content: dict[str, Any]
    version: str = field(default_factory=lambda: str(uuid.uuid4()))
    created: datetime = field(default_factory=lambda: datetime.now(UTC))
    ran: datetime | None = None
    selections: dict[str, Selection] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return str(self.content["BackupPlanName"])

    def made(self, rule: dict[str, Any]) -> dict[str, str]:
        """CreatedBy of what a rule of this plan made."""
        return {
            "BackupPlanId": self.id,
            "BackupPlanArn": self.arn,
            "BackupPlanName": self.name,
            "BackupPlanVersion": self.version,
            "BackupRuleId": rule["RuleId"],
            "BackupRuleName": rule["RuleName"],
            "BackupRuleCron": rule.get("ScheduleExpression", ""),
            "BackupRuleTimezone": rule.get("ScheduleExpressionTimezone", "Etc/UTC"),
        }


@dataclass(slots=True)
class Selection:
    id: str
    content: dict[str, Any]
    created: datetime = field(default_factory=lambda: datetime.now(UTC))


class PlanCalls:
    """Backup plans of both regions."""

    def __init__(self, world: World, points: Points) -> None:
        self._world = world
        self._points = points
        self._lock = threading.RLock()
        self._plans: dict[str, Plan] = {}
        self._tests: dict[tuple[str, str], dict[str, Any]] = {}

    def __iter__(self) -> Iterator[Plan]:
        with self._lock:
            return iter(tuple(self._plans.values()))

    def make(self, region: str, content: dict[str, Any]) -> Plan:
        """A new plan. Raises AwsError."""
        content = copy.deepcopy(content)
        for rule in content.get("Rules", ()):
            self._check(region, rule)
            rule.setdefault("RuleId", str(uuid.uuid4()))
            rule.setdefault("ScheduleExpressionTimezone", "Etc/UTC")
            rule.setdefault("StartWindowMinutes", 480)
            rule.setdefault("CompletionWindowMinutes", 10080)
        if not content.get("Rules"):
            raise missing("A backup plan needs a rule.")
        with self._lock:
            if any(plan.region == region and plan.name == content["BackupPlanName"] for plan in self):
                message = "Backup plan with the same plan document already exists"
                raise AwsError("AlreadyExistsException", message)
            identifier = str(uuid.uuid4())
            arn = f"arn:aws:backup:{region}:{self._world.estate.account_id}:backup-plan:{identifier}"
            made = self._plans[identifier] = Plan(identifier, arn, region, content)
        return made

    def select(self, plan: Plan, content: dict[str, Any]) -> Selection:
        with self._lock:
            made = Selection(str(uuid.uuid4()), copy.deepcopy(content))
            plan.selections[made.id] = made
        return made

    @operation("CreateBackupPlan")
    def create(self, call: Call) -> Answer:
        plan = self.make(call.region, call.params["BackupPlan"])
        return self._named(plan) | {"CreationDate": plan.created}

    @operation("GetBackupPlan")
    def get(self, call: Call) -> Answer:
        plan = self._plan(call)
        ran = {"LastExecutionDate": plan.ran} if plan.ran else {}
        return self._named(plan) | {"BackupPlan": plan.content, "CreationDate": plan.created} | ran

    @operation("ListBackupPlans")
    def list_plans(self, call: Call) -> Answer:
        shown, more = page([plan for plan in self if plan.region == call.region], call, lambda plan: plan.id)
        listed = [
            self._named(plan)
            | {"BackupPlanName": plan.name, "CreationDate": plan.created}
            | ({"LastExecutionDate": plan.ran} if plan.ran else {})
            for plan in shown
        ]
        return {"BackupPlansList": listed, **more}

    @operation("CreateBackupSelection")
    def create_selection(self, call: Call) -> Answer:
        plan, content = self._plan(call), call.params["BackupSelection"]
        if any(known.content["SelectionName"] == content["SelectionName"] for known in plan.selections.values()):
            raise AwsError("AlreadyExistsException", f"Selection {content['SelectionName']} already exists.")
        made = self.select(plan, content)
        return {"SelectionId": made.id, "BackupPlanId": plan.id, "CreationDate": made.created}

    @operation("GetBackupSelection")
    def get_selection(self, call: Call) -> Answer:
        plan = self._plan(call)
        selection = plan.selections.get(call.params["SelectionId"])
        if selection is None:
            raise AwsError("ResourceNotFoundException", f"Selection {call.params['SelectionId']} not found.")
        return {
            "BackupSelection": selection.content,
            "SelectionId": selection.id,
            "BackupPlanId": plan.id,
            "CreationDate": selection.created,
        }

    @operation("ListBackupSelections")
    def list_selections(self, call: Call) -> Answer:
        plan = self._plan(call)
        shown, more = page(list(plan.selections.values()), call, lambda one: one.id)
        listed = [
            {
                "SelectionId": one.id,
                "SelectionName": one.content["SelectionName"],
                "BackupPlanId": plan.id,
                "CreationDate": one.created,
                "IamRoleArn": one.content["IamRoleArn"],
            }
            for one in shown
        ]
        return {"BackupSelectionsList": listed, **more}

    @operation("CreateRestoreTestingPlan")
    def create_test(self, call: Call) -> Answer:
        content, now = dict(call.params["RestoreTestingPlan"]), datetime.now(UTC)
        name = content["RestoreTestingPlanName"]
        _check_schedule(content["ScheduleExpression"])
        arn = f"arn:aws:backup:{call.region}:{self._world.estate.account_id}:restore-testing-plan:{name}"
        with self._lock:
            if (call.region, name) in self._tests:
                raise AwsError("AlreadyExistsException", f"Restore testing plan {name} already exists.")
            self._tests[call.region, name] = content | {
                "RestoreTestingPlanArn": arn,
                "CreationTime": now,
                "LastUpdateTime": now,
            }
        return {"RestoreTestingPlanArn": arn, "RestoreTestingPlanName": name, "CreationTime": now}

    @operation("GetRestoreTestingPlan")
    def get_test(self, call: Call) -> Answer:
        name = call.params["RestoreTestingPlanName"]
        if (call.region, name) not in self._tests:
            raise AwsError("ResourceNotFoundException", f"Restore testing plan {name} not found.")
        return {"RestoreTestingPlan": self._tests[call.region, name]}

    @operation("ListRestoreTestingPlans")
    def list_tests(self, call: Call) -> Answer:
        mine = [plan for (region, _), plan in sorted(self._tests.items()) if region == call.region]
        shown, more = page(mine, call, lambda plan: str(plan["RestoreTestingPlanName"]))
        return {
            "RestoreTestingPlans": [
                {key: value for key, value in plan.items() if key != "RecoveryPointSelection"} for plan in shown
            ],
            **more,
        }

    def _plan(self, call: Call) -> Plan:
        """By id; a plan's name is none. Raises ResourceNotFoundException."""
        plan = self._plans.get(call.params["BackupPlanId"])
        if plan is None or plan.region != call.region:
            message = f"Failed reading Backup plan with provided version: {call.params['BackupPlanId']}"
            raise AwsError("ResourceNotFoundException", message)
        return plan

    def _check(self, region: str, rule: dict[str, Any]) -> None:
        """A rule's vaults exist and its schedule can be read."""
        if rule["TargetBackupVaultName"] not in {vault.name for vault in self._points.vaults(region)}:
            raise invalid(f"Backup vault {rule['TargetBackupVaultName']} does not exist")
        _check_schedule(rule.get("ScheduleExpression", DEFAULT))
        for action in rule.get("CopyActions", ()):
            self._points.vault_by_arn(action["DestinationBackupVaultArn"])

    def _named(self, plan: Plan) -> Answer:
        return {"BackupPlanId": plan.id, "BackupPlanArn": plan.arn, "VersionId": plan.version}


def _check_schedule(expression: str) -> None:
    try:
        read_schedule(expression)
    except ValueError as error:
        raise invalid(f"Invalid schedule expression: {error}") from error
