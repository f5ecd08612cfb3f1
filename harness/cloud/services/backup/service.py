"""AWS Backup: vaults whose recovery points hold what their resources held, and the jobs that make and restore them.

Recovery points of databases are snapshots of RDS, those of buckets versions of S3's objects: the services that own
the resources do the work (`Keeper`). The estate's plan has recovery points from the start, as old as its schedule says.
"""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

from harness.aws_rules.schedules import Schedule, read_schedule
from harness.aws_rules.tags import drill_target
from harness.cloud.service import AwsError, Service, World
from harness.cloud.services.backup.buckets import Buckets
from harness.cloud.services.backup.databases import Databases
from harness.cloud.services.backup.jobs import JobCalls
from harness.cloud.services.backup.plans import Plan, PlanCalls
from harness.cloud.services.backup.restores import RestoreCalls
from harness.cloud.services.backup.state import Keeper, Points, RecoveryPoint
from harness.cloud.services.backup.vaults import VaultCalls
from harness.cloud.services.rds import Rds
from harness.errors import BadEstate
from harness.estate import BackupPlan, Role
from harness.estate import Vault as VaultPlan
from harness.wait import until

KEPT_AT_FIRST = 4
"""Recovery points of each resource in each vault when the estate is raised, as many of the past runs."""
_TOOK = timedelta(minutes=5)
_SHORTEST_PAUSE = timedelta(seconds=30)
_RAISED_WITHIN = timedelta(seconds=60)


class Backup(Service):
    """Vaults, plans and jobs of both regions."""

    name = "backup"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.points = Points()
        self._databases = Databases(world)
        self._buckets = Buckets(world)
        self._vaults = VaultCalls(world, self.points)
        self._plans = PlanCalls(world, self.points)
        self._jobs = JobCalls(world, self.points, self._keeper_of)
        self._closed = threading.Event()
        self.parts = (self._vaults, self._plans, self._jobs, RestoreCalls(world, self.points))

    def raise_estate(self) -> None:
        for vault in self.world.estate.vaults:
            self._vaults.make(vault.region, vault.name, tags=drill_target())
        for plan in self.world.estate.backup_plans:
            self._found(plan)

    def close(self) -> None:
        self._closed.set()

    def _keeper_of(self, arn: str) -> Keeper:
        """Raises InvalidParameterValueException for what AWS Backup does not back up here."""
        if arn.startswith("arn:aws:rds:") and ":db:" in arn:
            return self._databases
        if arn.startswith("arn:aws:s3:::"):
            return self._buckets
        raise AwsError("InvalidParameterValueException", f"Unsupported resource type: {arn}")

    def _found(self, declared: BackupPlan) -> None:
        """A plan of the estate, what it has made before the drill, and its next run."""
        vault = self._declared_vault(declared.vault)
        plan = self._plans.make(vault.region, _document(declared, self._arn_of_vault(declared.copies_to)))
        role = f"arn:aws:iam::{self.world.estate.account_id}:role/{declared.service_role}"
        arns = [self._arn_of(one) for one in declared.protects]
        self._plans.select(plan, {"SelectionName": declared.name, "IamRoleArn": role, "Resources": arns})
        rds = self.world.neighbour(Rds)
        until("the estate's databases are up", rds.is_raised, within=_RAISED_WITHIN)
        past = sorted(islice(read_schedule(declared.schedule).before(datetime.now(UTC)), KEPT_AT_FIRST))
        for due in past:
            for one in declared.protects:
                self._found_point(plan, one, due, role)
        plan.ran = past[-1]
        self._next_run(plan, role)

    def _found_point(self, plan: Plan, role: Role, due: datetime, acts_as: str) -> None:
        rule = plan.content["Rules"][0]
        instance = self.world.neighbour(Rds).instances.of_role(role)
        vault = self.points.vault(plan.region, rule["TargetBackupVaultName"])
        begun = due + _TOOK
        held = self._databases.found(instance, begun)
        point = RecoveryPoint(
            vault, instance.arn, self._databases, held, begun, acts_as, plan.made(rule), rule.get("Lifecycle", {}),
            status="COMPLETED", completed=begun + _TOOK,
        )  # fmt: skip
        self.points.add(point)
        for action in rule.get("CopyActions", ()):
            there = self.points.vault_by_arn(action["DestinationBackupVaultArn"])
            copied = self._databases.found_copy(held, there.region, begun)
            copy = RecoveryPoint(
                there, instance.arn, self._databases, copied, begun, acts_as, plan.made(rule),
                action.get("Lifecycle", {}), vault.arn, "COMPLETED", begun + 2 * _TOOK,
            )  # fmt: skip
            self.points.add(copy)

    def _next_run(self, plan: Plan, role: str) -> None:
        """Run when the schedule says, by AWS's time at the drill's pace; a run then follows each pause."""
        pause = _schedule(plan).longest_pause()

        def run() -> None:
            if not self._closed.is_set():
                self._run(plan, role)
                self._next_run(plan, role)

        self.world.pace.later(pause, f"run of {plan.name}", run, at_least=_SHORTEST_PAUSE)

    def _run(self, plan: Plan, role: str) -> None:
        plan.ran = datetime.now(UTC)
        for rule in plan.content["Rules"]:
            vault = self.points.vault(plan.region, rule["TargetBackupVaultName"])
            for selection in tuple(plan.selections.values()):
                for arn in selection.content.get("Resources", ()):
                    self._jobs.begin_backup(
                        vault, arn, role, lifecycle=dict(rule.get("Lifecycle", {})), tags={}, plan=plan.made(rule),
                        then=lambda point, rule=rule: self._copy_on(point, rule, role),  # type: ignore[misc]
                    )  # fmt: skip

    def _copy_on(self, point: RecoveryPoint, rule: dict[str, Any], role: str) -> None:
        for action in rule.get("CopyActions", ()):
            there = self.points.vault_by_arn(action["DestinationBackupVaultArn"])
            self._jobs.begin_copy(point, there, role, dict(action.get("Lifecycle", {})))

    def _arn_of(self, role: Role) -> str:
        database = self.world.estate.database(role)
        return f"arn:aws:rds:{database.region}:{self.world.estate.account_id}:db:{database.identifier}"

    def _declared_vault(self, name: str) -> VaultPlan:
        for vault in self.world.estate.vaults:
            if vault.name == name:
                return vault
        raise BadEstate(f"the estate has no vault {name}", hint="Add a [[vaults]] entry of that name.")

    def _arn_of_vault(self, name: str | None) -> str | None:
        return self.points.vault(self._declared_vault(name).region, name).arn if name else None


def _document(declared: BackupPlan, copies_to: str | None) -> dict[str, Any]:
    lifecycle = {"DeleteAfterDays": declared.retention_days}
    copies = [{"DestinationBackupVaultArn": copies_to, "Lifecycle": lifecycle}] if copies_to else []
    rule = {
        "RuleName": "scheduled",
        "TargetBackupVaultName": declared.vault,
        "ScheduleExpression": declared.schedule,
        "Lifecycle": lifecycle,
        "CopyActions": copies,
    }
    return {"BackupPlanName": declared.name, "Rules": [rule]}


def _schedule(plan: Plan) -> Schedule:
    return read_schedule(plan.content["Rules"][0]["ScheduleExpression"])
