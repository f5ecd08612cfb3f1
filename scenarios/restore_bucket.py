"""Objects of a bucket were deleted and overwritten; they come back from their versions."""

from datetime import timedelta

from harness.estate import Role
from harness.faults.spoil_objects import SpoilObjects
from harness.probes.buckets import ObjectsComeBack
from harness.probes.exposure import ReplicatedObjects
from harness.recovery.restore_bucket import RestoreBucket
from harness.spec import DrillSpec
from harness.workload.workload import Workload

DRILL = DrillSpec(
    name="restore-bucket",
    title="Deleted and overwritten objects come back",
    runbook="Data Restoration Procedures",
    severity="sev-2",
    tags=("monthly", "backup"),
    fault=SpoilObjects(),
    strikes=Role.UPLOADS,
    procedure=RestoreBucket(Role.UPLOADS),
    recovers_to=(Role.UPLOADS,),
    exposures=(ReplicatedObjects(Role.UPLOADS),),
    workload=Workload(visitor_hz=25, writer_threads=2, writer_rate=50),
    rehearsal_rto=timedelta(seconds=15),
    rehearsal_rpo=timedelta(seconds=1),
    witness=ObjectsComeBack(Role.UPLOADS),
)
