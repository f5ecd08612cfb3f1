"""AWS Backup's jobs that fill vaults: backups of resources, and copies of recovery points in other vaults."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from harness.aws_rules.durations import BACKUP_JOB_START
from harness.cloud.service import Answer, AwsError, Call, World, operation
from harness.cloud.services.backup.shapes import shown_backup_job, shown_copy_job
from harness.cloud.services.backup.state import BackupJob, CopyJob, Jobs, Keeper, Points, RecoveryPoint, Vault
from harness.cloud.services.backup.words import invalid, narrowed, page, role_of

_BY_JOB: dict[str, Callable[[Any], object]] = {
    "ByResourceArn": lambda job: job.resource_arn,
    "ByResourceType": lambda job: job.resource_type,
    "ByState": lambda job: job.state,
    "ByCreatedBefore": lambda job: job.begun,
    "ByCreatedAfter": lambda job: job.begun,
    "ByCompleteBefore": lambda job: job.ended,
    "ByCompleteAfter": lambda job: job.ended,
}


class JobCalls:
    """Backup and copy jobs of both regions."""

    def __init__(self, world: World, points: Points, keeper_of: Callable[[str], Keeper]) -> None:
        self._world = world
        self._points = points
        self._keeper_of = keeper_of
        self._backups: Jobs[BackupJob] = Jobs("Backup")
        self._copies: Jobs[CopyJob] = Jobs("Copy")

    @operation("StartBackupJob")
    def start_backup(self, call: Call) -> Answer:
        params = call.params
        role = role_of(call, self._world.estate.account_id)
        vault = self._points.vault(call.region, params["BackupVaultName"])
        arn = params["ResourceArn"]
        keeper = self._keeper_of(arn)
        if keeper.region_of(arn) != call.region:
            raise invalid(f"Resource {arn} is not in {call.region}.")
        job = self.begin_backup(
            vault,
            arn,
            role,
            lifecycle=dict(params.get("Lifecycle", {})),
            tags=dict(params.get("RecoveryPointTags", {})),
        )
        return {"BackupJobId": job.id, "CreationDate": job.begun, "IsParent": False}

    def begin_backup(
        self, vault: Vault, arn: str, role: str, *, lifecycle: dict[str, int], tags: dict[str, str],
        plan: dict[str, str] | None = None, then: Callable[[RecoveryPoint], None] = lambda _: None,
    ) -> BackupJob:  # fmt: skip
        """A backup job, which runs behind; `then` follows when it went well."""
        keeper = self._keeper_of(arn)
        job = BackupJob(vault.region, role, arn, keeper.resource_type, plan or {}, vault=vault)
        self._backups.add(job)

        def done(failure: str) -> None:
            assert job.point
            self._ended(job, job.point, failure)
            if not failure:
                then(job.point)

        def run() -> None:
            with self._backups.lock:
                job.runs()
                try:
                    held = keeper.back_up(arn, job.id, tags, done)
                except AwsError as error:
                    job.ends(f"{error.message} ({error.code})")
                    return
                job.point = RecoveryPoint(vault, arn, keeper, held, job.begun, role, plan or {}, lifecycle)
                self._points.add(job.point)

        self._world.pace.later(BACKUP_JOB_START.usual, f"backup job of {arn}", run)
        return job

    @operation("DescribeBackupJob")
    def describe_backup(self, call: Call) -> Answer:
        with self._backups.lock:
            return shown_backup_job(self._backups.find(call.region, call.params["BackupJobId"]))

    @operation("ListBackupJobs")
    def list_backups(self, call: Call) -> Answer:
        mine = [job for job in self._backups if job.region == call.region]
        by = _BY_JOB | {"ByBackupVaultName": lambda job: job.vault.name}
        shown, more = page(narrowed(mine, call.params, by), call, lambda job: job.id)
        with self._backups.lock:
            return {"BackupJobs": [shown_backup_job(job) for job in shown], **more}

    @operation("StartCopyJob")
    def start_copy(self, call: Call) -> Answer:
        params = call.params
        role = role_of(call, self._world.estate.account_id)
        vault = self._points.vault(call.region, params["SourceBackupVaultName"])
        source = self._points.find(vault, params["RecoveryPointArn"])
        destination = self._points.vault_by_arn(params["DestinationBackupVaultArn"])
        if source.status != "COMPLETED":
            raise AwsError("InvalidRequestException", f"Recovery point {source.arn} is {source.status}.")
        job = self.begin_copy(source, destination, role, dict(params.get("Lifecycle", {})))
        return {"CopyJobId": job.id, "CreationDate": job.begun, "IsParent": False}

    def begin_copy(self, source: RecoveryPoint, destination: Vault, role: str, lifecycle: dict[str, int]) -> CopyJob:
        """A copy job, which runs behind."""
        job = CopyJob(
            source.vault.region, role, source.resource_arn, source.keeper.resource_type, source.plan,
            source=source, destination=destination,
        )  # fmt: skip
        self._copies.add(job)

        def done(failure: str) -> None:
            assert job.point
            self._ended(job, job.point, failure)

        def run() -> None:
            with self._copies.lock:
                job.runs()
                try:
                    held = source.keeper.copy(source.held, destination.region, job.id, done)
                except AwsError as error:
                    job.ends(f"{error.message} ({error.code})")
                    return
                job.point = RecoveryPoint(
                    destination, source.resource_arn, source.keeper, held, source.begun, role, source.plan,
                    lifecycle, source_vault=source.vault.arn,
                )  # fmt: skip
                self._points.add(job.point)

        self._world.pace.later(BACKUP_JOB_START.usual, f"copy job of {source.arn}", run)
        return job

    @operation("DescribeCopyJob")
    def describe_copy(self, call: Call) -> Answer:
        with self._copies.lock:
            return {"CopyJob": shown_copy_job(self._copies.find(call.region, call.params["CopyJobId"]))}

    @operation("ListCopyJobs")
    def list_copies(self, call: Call) -> Answer:
        mine = [job for job in self._copies if job.region == call.region]
        by = _BY_JOB | {
            "ByDestinationVaultArn": lambda job: job.destination.arn,
            "BySourceRecoveryPointArn": lambda job: job.source.arn,
        }
        shown, more = page(narrowed(mine, call.params, by), call, lambda job: job.id)
        with self._copies.lock:
            return {"CopyJobs": [shown_copy_job(job) for job in shown], **more}

    def _ended(self, job: BackupJob | CopyJob, point: RecoveryPoint, failure: str) -> None:
        """What failed leaves no recovery point; what went well is shown before its job is."""
        with self._backups.lock, self._copies.lock, self._points.lock:
            if failure:
                self._points.remove(point)
            else:
                point.status, point.completed = "COMPLETED", datetime.now(UTC)
            job.ends(failure)
