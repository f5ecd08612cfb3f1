"""All nodes of the cache are lost; another group is restored from last night's snapshot and warmed up."""

from datetime import date, timedelta

from harness.estate import Role
from harness.faults.lose_instance import LoseInstance
from harness.probes.cache_exposure import NightlySnapshot
from harness.probes.signals import AlarmsRaised
from harness.recovery.restore_cache_from_snapshot import RestoreCacheFromSnapshot
from harness.spec import DrillSpec, KnownGapDeclared
from harness.workload.workload import Workload

DRILL = DrillSpec(
    name="cache-restore-snapshot",
    title="The cache is restored from last night's snapshot and warmed up",
    runbook="Redis Cache Recovery / Scenario 1: Redis Cluster Failure / Option B",
    severity="sev-1",
    tags=("cache",),
    fault=LoseInstance(),
    strikes=Role.CACHE,
    procedure=RestoreCacheFromSnapshot(),
    recovers_to=(Role.RESTORED_CACHE,),
    exposures=(NightlySnapshot(Role.RESTORED_CACHE, of=Role.CACHE),),
    workload=Workload(visitor_hz=20, writer_threads=2, writer_rate=50, reader_hz=50, keeper_rate=50),
    rehearsal_rto=timedelta(seconds=15),
    rehearsal_rpo=timedelta(seconds=15),
    signals=(AlarmsRaised(Role.CACHE),),
    nights=1,
    known_gap=KnownGapDeclared(
        finding="RPO",
        review=date(2027, 3, 31),
        at_most=timedelta(days=1),
        why="One snapshot a day exposes a day where an hour was promised; the other region's cache exposes seconds.",
    ),
)
