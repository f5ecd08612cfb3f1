"""Somebody deregistered the tasks at the balancer and registered wrong targets; the tasks are registered again."""

from datetime import timedelta

from harness.estate import Role
from harness.faults.misdirect_targets import MisdirectTargets
from harness.probes.exposure import StaysInPlace
from harness.probes.signals import AlarmsRaised, HealthCheckFails
from harness.recovery.restore_targets import RestoreTargets
from harness.spec import DrillSpec
from harness.workload.workload import Workload

DRILL = DrillSpec(
    name="balancer-targets-failure",
    title="The balancer is led back to the tasks when its targets are wrong",
    runbook="Application Layer Failover / Scenario 2: ALB Failure",
    severity="sev-1",
    tags=("application",),
    fault=MisdirectTargets(),
    strikes=Role.BALANCER,
    procedure=RestoreTargets(),
    recovers_to=(Role.PRIMARY_DATABASE,),
    exposures=(StaysInPlace(Role.PRIMARY_DATABASE),),
    workload=Workload(visitor_hz=50, writer_threads=2, writer_rate=200, writers_decide=False),
    rehearsal_rto=timedelta(seconds=8),
    rehearsal_rpo=timedelta(0),
    fault_lasts=False,  # taking the wrong targets away is the recovery
    signals=(HealthCheckFails(), AlarmsRaised(Role.BALANCER)),
    tasks=2,
)
