"""The region that serves swallows what it is sent and answers nothing; the other one takes over."""

from datetime import timedelta

from harness.capabilities import Darkness
from harness.estate import Role
from harness.facts import Promise
from harness.faults.lose_region import LoseRegion
from harness.probes.cache_exposure import GlobalDatastoreLag
from harness.probes.exposure import ReplicaLag
from harness.probes.signals import HealthCheckFails
from harness.recovery.fail_over_region import FailOverRegion
from harness.spec import DrillSpec
from harness.workload.workload import Workload

DRILL = DrillSpec(
    name="region-black-hole",
    title="The other region takes over when the region answers nothing",
    runbook="Full Infrastructure Failover / Scenario: Complete Region Outage",
    severity="sev-0",
    tags=("region",),
    fault=LoseRegion(Darkness.BLACK_HOLE),
    strikes=Role.PRIMARY_REGION,
    procedure=FailOverRegion(),
    recovers_to=(Role.DR_DATABASE, Role.DR_CACHE),
    exposures=(ReplicaLag(Role.DR_DATABASE), GlobalDatastoreLag(Role.DR_CACHE)),
    workload=Workload(visitor_hz=50, writer_threads=2, writer_rate=200),
    rehearsal_rto=timedelta(seconds=15),
    rehearsal_rpo=timedelta(seconds=1),
    promises=(Promise.RETURN,),
    signals=(HealthCheckFails(),),
)
