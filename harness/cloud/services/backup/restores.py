"""AWS Backup's restore jobs: the metadata is checked, then the resource's own service makes what was asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from harness.aws_rules.durations import BACKUP_JOB_START
from harness.cloud.service import Answer, AwsError, Call, World, operation
from harness.cloud.services.backup.shapes import shown_restore_job
from harness.cloud.services.backup.state import Jobs, Points, RestoreJob
from harness.cloud.services.backup.words import invalid, narrowed, page, role_of

_BY: Mapping[str, Callable[[RestoreJob], object]] = {
    "ByResourceType": lambda job: job.resource_type,
    "ByStatus": lambda job: job.state,
    "ByCreatedBefore": lambda job: job.begun,
    "ByCreatedAfter": lambda job: job.begun,
    "ByCompleteBefore": lambda job: job.ended,
    "ByCompleteAfter": lambda job: job.ended,
}


class RestoreCalls:
    """Restore jobs of both regions."""

    def __init__(self, world: World, points: Points) -> None:
        self._world = world
        self._points = points
        self._jobs: Jobs[RestoreJob] = Jobs("Restore")

    @operation("StartRestoreJob")
    def start(self, call: Call) -> Answer:
        params = call.params
        role = role_of(call, self._world.estate.account_id)
        point = self._points.by_arn(call.region, params["RecoveryPointArn"])
        if point.status != "COMPLETED":
            raise AwsError("InvalidRequestException", f"Recovery point {point.arn} is {point.status}.")
        if params.get("ResourceType", point.keeper.resource_type) != point.keeper.resource_type:
            raise invalid(f"Recovery point {point.arn} is none of {params['ResourceType']}.")
        metadata = dict(params["Metadata"])
        point.keeper.check(point.held, metadata)
        job = RestoreJob(
            call.region, role, point.resource_arn, point.keeper.resource_type, source=point, metadata=metadata,
            state="PENDING",
        )  # fmt: skip
        self._jobs.add(job)
        self._world.pace.later(BACKUP_JOB_START.usual, f"restore job {job.id}", lambda: self._run(job))
        return {"RestoreJobId": job.id}

    @operation("DescribeRestoreJob")
    def describe(self, call: Call) -> Answer:
        with self._jobs.lock:
            return shown_restore_job(self._jobs.find(call.region, call.params["RestoreJobId"]))

    @operation("GetRestoreJobMetadata")
    def metadata(self, call: Call) -> Answer:
        job = self._jobs.find(call.region, call.params["RestoreJobId"])
        return {"RestoreJobId": job.id, "Metadata": job.metadata}

    @operation("ListRestoreJobs")
    def list_jobs(self, call: Call) -> Answer:
        mine = [job for job in self._jobs if job.region == call.region]
        shown, more = page(narrowed(mine, call.params, _BY), call, lambda job: job.id)
        with self._jobs.lock:
            return {"RestoreJobs": [shown_restore_job(job) for job in shown], **more}

    def _run(self, job: RestoreJob) -> None:
        point = job.source
        assert point

        def done(failure: str) -> None:
            with self._jobs.lock, self._points.lock:
                job.ends(failure)
                point.restored = datetime.now(UTC)

        with self._jobs.lock:
            job.runs()
            try:
                job.made = point.keeper.restore(point.held, job.region, job.metadata, done)
            except AwsError as error:
                job.ends(f"{error.message} ({error.code})")
