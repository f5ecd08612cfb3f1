"""Rows are rewritten and a page is damaged; the database is restored to the last moment at which it was right."""

from datetime import timedelta

from harness.estate import Role
from harness.facts import Promise
from harness.faults.corrupt_data import CorruptData
from harness.probes.backup_exposure import RestorableTime
from harness.probes.signals import DataWatched
from harness.recovery.restore_to_point_in_time import RestoreToPointInTime
from harness.spec import DrillSpec
from harness.workload.workload import Workload

WATCHED_EVERY, DECIDED_WITHIN = timedelta(minutes=10), timedelta(minutes=15)

DRILL = DrillSpec(
    name="database-corruption-pitr",
    title="Corrupt data is restored to the last safe moment",
    runbook="Database Disaster Recovery / Scenario 2: Database Corruption / Point-in-Time Recovery (PITR)",
    severity="sev-0",
    tags=("database",),
    fault=CorruptData(),
    strikes=Role.PRIMARY_DATABASE,
    silent=True,
    signals=(DataWatched(WATCHED_EVERY),),
    procedure=RestoreToPointInTime(),
    recovers_to=(Role.RESTORED_DATABASE,),
    exposures=(
        RestorableTime(Role.RESTORED_DATABASE, Role.PRIMARY_DATABASE, noticed=WATCHED_EVERY, decided=DECIDED_WITHIN),
    ),
    workload=Workload(visitor_hz=50, writer_threads=2, writer_rate=200),
    rehearsal_rto=timedelta(seconds=20),
    rehearsal_rpo=timedelta(seconds=5),
    decision_time=DECIDED_WITHIN,
    promises=(Promise.FENCING,),
)
