"""The primary database is lost with its storage and standby; the read replica of the same region takes its place."""

from datetime import timedelta

from harness.estate import Role
from harness.facts import Promise
from harness.faults.lose_instance import LoseInstance
from harness.probes.exposure import ReplicaLag
from harness.recovery.promote_replica import PromoteReadReplica
from harness.spec import DrillSpec
from harness.workload.workload import Workload

DRILL = DrillSpec(
    name="database-promote-replica",
    title="The read replica takes over when the primary dies",
    runbook="Database Disaster Recovery / Scenario 1: Primary RDS Instance Failure / Option A",
    severity="sev-0",
    tags=("monthly", "database"),
    fault=LoseInstance(),
    strikes=Role.PRIMARY_DATABASE,
    procedure=PromoteReadReplica(),
    recovers_to=(Role.READ_REPLICA,),
    exposures=(ReplicaLag(Role.READ_REPLICA),),
    workload=Workload(visitor_hz=50, writer_threads=2, writer_rate=200),
    rehearsal_rto=timedelta(seconds=10),
    rehearsal_rpo=timedelta(seconds=1),
    promises=(Promise.FENCING,),
)
