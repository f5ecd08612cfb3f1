"""The region that serves is lost, and with it what AWS changes there for the whole world: no record can be changed.

There are no direct writers: nobody can lead them away from the database's name, which is a plain record.
"""

from datetime import timedelta

from harness.estate import Role
from harness.faults.lose_region import LoseRegion
from harness.probes.cache_exposure import GlobalDatastoreLag
from harness.probes.exposure import ReplicaLag
from harness.probes.signals import ReplicationBroken
from harness.recovery.fail_over_region_statically import FailOverRegionStatically
from harness.spec import DrillSpec
from harness.workload.workload import Workload

DRILL = DrillSpec(
    name="region-outage-static",
    title="The other region takes over when no record can be changed",
    runbook="Full Infrastructure Failover / Scenario: Complete Region Outage",
    severity="sev-0",
    tags=("region",),
    fault=LoseRegion(control_planes=True),
    strikes=Role.PRIMARY_REGION,
    procedure=FailOverRegionStatically(),
    recovers_to=(Role.DR_DATABASE, Role.DR_CACHE),
    exposures=(ReplicaLag(Role.DR_DATABASE), GlobalDatastoreLag(Role.DR_CACHE)),
    workload=Workload(visitor_hz=50, writer_threads=0),
    rehearsal_rto=timedelta(seconds=15),
    rehearsal_rpo=timedelta(seconds=1),
    signals=(ReplicationBroken(Role.DR_DATABASE),),
)
