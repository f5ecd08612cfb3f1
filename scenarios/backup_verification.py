"""Once a month: there are recent backups of everything in both regions, and what they restore is right."""

from datetime import date, timedelta

from harness.estate import Role
from harness.probes.backup_exposure import ScheduledRecoveryPoints
from harness.probes.backups import BackupsAreGood
from harness.recovery.verify_backups import VerifyBackups
from harness.spec import DrillSpec, KnownGapDeclared
from harness.workload.workload import Workload

DRILL = DrillSpec(
    name="backup-verification",
    title="The backups are there, recent, and can be restored",
    runbook="Testing and Validation / Monthly DR Tests",
    severity="sev-3",
    tags=("monthly", "backup"),
    fault=None,
    strikes=Role.PRIMARY_DATABASE,
    procedure=VerifyBackups(),
    recovers_to=(Role.PRIMARY_DATABASE,),
    exposures=(ScheduledRecoveryPoints(Role.PRIMARY_DATABASE, Role.PRIMARY_DATABASE),),
    workload=Workload(visitor_hz=25, writer_threads=2, writer_rate=50),
    rehearsal_rto=timedelta(seconds=20),
    rehearsal_rpo=timedelta(seconds=1),
    witness=BackupsAreGood(),
    known_gap=KnownGapDeclared(
        finding="RPO",
        review=date(2027, 1, 31),
        at_most=timedelta(days=1),
        why="The backup plan runs once a day: whoever restores a recovery point may lose a day, an hour was promised.",
    ),
)
