"""Nothing is lost: the last nightly snapshot of the cache becomes a group that could take its place."""

from datetime import date, timedelta

from harness.estate import Role
from harness.probes.cache_exposure import NightlySnapshot
from harness.probes.restored_cache import RestoredCacheAsItWas
from harness.recovery.restore_cache import RestoreCache
from harness.spec import DrillSpec, KnownGapDeclared
from harness.workload.workload import Workload

DRILL = DrillSpec(
    name="restore-cache",
    title="The cache is restored from its last snapshot, as it was",
    runbook="Data Restoration Procedures / Redis Restoration",
    severity="sev-1",
    tags=("monthly", "backup"),
    fault=None,
    strikes=Role.CACHE,
    procedure=RestoreCache(),
    recovers_to=(Role.CACHE,),
    exposures=(NightlySnapshot(Role.CACHE, of=Role.CACHE),),
    workload=Workload(visitor_hz=20, writer_threads=2, writer_rate=50, reader_hz=50, keeper_rate=50),
    rehearsal_rto=timedelta(seconds=20),
    rehearsal_rpo=timedelta(seconds=1),
    witness=RestoredCacheAsItWas(),
    nights=1,
    known_gap=KnownGapDeclared(
        finding="RPO",
        review=date(2027, 3, 31),
        at_most=timedelta(days=1),
        why="One snapshot a day exposes a day where an hour was promised; the other region's cache exposes seconds.",
    ),
)
