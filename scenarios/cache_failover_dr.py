"""All nodes of the cache are lost; the other region's group of the Global Datastore is made writable and used."""

from datetime import timedelta

from harness.estate import Role
from harness.faults.lose_instance import LoseInstance
from harness.probes.cache_exposure import GlobalDatastoreLag
from harness.probes.signals import AlarmsRaised
from harness.recovery.fail_over_cache import FailOverCache
from harness.spec import DrillSpec
from harness.workload.workload import Workload

DRILL = DrillSpec(
    name="cache-failover-dr",
    title="The other region's cache takes over when the cache is lost",
    runbook="Redis Cache Recovery / Scenario 1: Redis Cluster Failure / Option A",
    severity="sev-1",
    tags=("monthly", "cache"),
    fault=LoseInstance(),
    strikes=Role.CACHE,
    procedure=FailOverCache(),
    recovers_to=(Role.DR_CACHE,),
    exposures=(GlobalDatastoreLag(Role.DR_CACHE),),
    workload=Workload(visitor_hz=20, writer_threads=2, writer_rate=50, reader_hz=50, keeper_rate=50),
    rehearsal_rto=timedelta(seconds=10),
    rehearsal_rpo=timedelta(seconds=1),
    signals=(AlarmsRaised(Role.CACHE),),
)
