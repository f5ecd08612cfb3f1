"""The primary database's host dies alone; its standby takes over at the same endpoint, and nobody else may."""

from datetime import timedelta

from harness.estate import Role
from harness.facts import Promise
from harness.faults.lose_host import LoseHost
from harness.probes.exposure import SynchronousStandby
from harness.probes.signals import EventReported
from harness.recovery.await_failover import AwaitFailover
from harness.spec import DrillSpec
from harness.workload.workload import Workload

DRILL = DrillSpec(
    name="database-multi-az-failover",
    title="The standby takes over when the primary's host dies",
    runbook="Database Disaster Recovery / Scenario 1: Primary RDS Instance Failure / Impact Assessment",
    severity="sev-1",
    tags=("database",),
    fault=LoseHost(),
    strikes=Role.PRIMARY_DATABASE,
    procedure=AwaitFailover(),
    recovers_to=(Role.PRIMARY_DATABASE,),
    exposures=(SynchronousStandby(Role.PRIMARY_DATABASE),),
    workload=Workload(visitor_hz=50, writer_threads=2, writer_rate=200),
    rehearsal_rto=timedelta(seconds=5),
    rehearsal_rpo=timedelta(0),
    decision_time=timedelta(0),  # nobody decides: RDS does not ask
    promises=(Promise.RESTRAINT,),
    fault_lasts=False,
    signals=(EventReported(Role.PRIMARY_DATABASE, "failover"),),
)
