"""Nothing is lost: the newest recovery point of the primary becomes an instance that could take its place."""

from datetime import date, timedelta

from harness.estate import Role
from harness.probes.backup_exposure import ScheduledRecoveryPoints
from harness.probes.restored_database import RestoredAsItWas
from harness.recovery.restore_database import RestoreDatabase
from harness.spec import DrillSpec, KnownGapDeclared
from harness.workload.workload import Workload

DRILL = DrillSpec(
    name="restore-database",
    title="The database is restored from its newest recovery point, as it was",
    runbook="Data Restoration Procedures / Database Restoration",
    severity="sev-1",
    tags=("monthly", "backup"),
    fault=None,
    strikes=Role.PRIMARY_DATABASE,
    procedure=RestoreDatabase(),
    recovers_to=(Role.PRIMARY_DATABASE,),
    exposures=(ScheduledRecoveryPoints(Role.PRIMARY_DATABASE, Role.PRIMARY_DATABASE),),
    workload=Workload(visitor_hz=25, writer_threads=2, writer_rate=50),
    rehearsal_rto=timedelta(seconds=20),
    rehearsal_rpo=timedelta(seconds=1),
    witness=RestoredAsItWas(),
    known_gap=KnownGapDeclared(
        finding="RPO",
        review=date(2027, 1, 31),
        at_most=timedelta(days=1),
        why="The backup plan runs once a day: its newest recovery point may be a day old, an hour was promised.",
    ),
)
