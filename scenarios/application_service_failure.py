"""A release that hangs is deployed, and its deployment goes well; the service is rolled back and scaled out."""

from datetime import timedelta

from harness.estate import Role
from harness.faults.deploy_bad_release import DeployBadRelease
from harness.probes.exposure import StaysInPlace
from harness.probes.signals import AlarmsRaised, HealthCheckFails
from harness.recovery.roll_back_release import RollBackRelease
from harness.spec import DrillSpec
from harness.workload.workload import Workload

DRILL = DrillSpec(
    name="application-service-failure",
    title="The service is rolled back when a bad release takes it down",
    runbook="Application Layer Failover / Scenario 1: ECS Service Failure",
    severity="sev-1",
    tags=("application",),
    fault=DeployBadRelease(),
    strikes=Role.APPLICATION,
    procedure=RollBackRelease(tasks=6),
    recovers_to=(Role.PRIMARY_DATABASE,),
    exposures=(StaysInPlace(Role.PRIMARY_DATABASE),),
    workload=Workload(visitor_hz=50, writer_threads=2, writer_rate=200, writers_decide=False),
    rehearsal_rto=timedelta(seconds=10),
    rehearsal_rpo=timedelta(0),
    fault_lasts=False,  # going back to the good release is the recovery
    signals=(HealthCheckFails(), AlarmsRaised(Role.BALANCER)),
    tasks=6,
)
