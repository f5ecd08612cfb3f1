"""The primary database is lost, and no replica may take its place: AWS Backup's latest recovery point is restored."""

from datetime import date, timedelta

from harness.estate import Role
from harness.facts import Promise
from harness.faults.lose_instance import LoseInstance
from harness.probes.backup_exposure import ScheduledRecoveryPoints
from harness.recovery.restore_from_backup import RestoreFromBackup
from harness.spec import DrillSpec, KnownGapDeclared
from harness.workload.workload import Workload

DRILL = DrillSpec(
    name="database-restore-backup",
    title="The primary is restored from AWS Backup",
    runbook="Database Disaster Recovery / Scenario 1: Primary RDS Instance Failure / Option B",
    severity="sev-0",
    tags=("database",),
    fault=LoseInstance(),
    strikes=Role.PRIMARY_DATABASE,
    procedure=RestoreFromBackup(),
    recovers_to=(Role.RESTORED_DATABASE,),
    exposures=(ScheduledRecoveryPoints(Role.RESTORED_DATABASE, Role.PRIMARY_DATABASE),),
    workload=Workload(visitor_hz=50, writer_threads=2, writer_rate=200),
    rehearsal_rto=timedelta(seconds=20),
    rehearsal_rpo=timedelta(seconds=30),
    promises=(Promise.FENCING,),
    known_gap=KnownGapDeclared(
        finding="RPO",
        review=date(2027, 5, 31),
        at_most=timedelta(days=1),
        why="The plan makes one recovery point a day: a day is lost where 1 hour is promised. A plan that keeps the "
        "promise runs each hour, or backs up continuously.",
    ),
)
