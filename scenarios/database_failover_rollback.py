"""The nearest replica's storage gives out as it is promoted: all is put back, the other region's takes over."""

from datetime import timedelta

from harness.estate import Role
from harness.facts import Promise
from harness.faults.break_promotion import BreakPromotion
from harness.faults.lose_instance import LoseInstance
from harness.probes.exposure import ReplicaLag
from harness.recovery.fail_over_or_roll_back import FailOverOrRollBack
from harness.spec import DrillSpec, Strike
from harness.workload.workload import Workload

DRILL = DrillSpec(
    name="database-failover-rollback",
    title="A failover that fails is rolled back and done another way",
    runbook="Database Disaster Recovery / Scenario 1: Primary RDS Instance Failure / Rollback Procedures",
    severity="sev-0",
    tags=("database",),
    fault=LoseInstance(),
    strikes=Role.PRIMARY_DATABASE,
    weaknesses=(Strike(BreakPromotion(), Role.READ_REPLICA),),
    procedure=FailOverOrRollBack(),
    recovers_to=(Role.DR_DATABASE,),
    exposures=(ReplicaLag(Role.READ_REPLICA), ReplicaLag(Role.DR_DATABASE)),
    workload=Workload(visitor_hz=50, writer_threads=2, writer_rate=200),
    rehearsal_rto=timedelta(seconds=15),
    rehearsal_rpo=timedelta(seconds=1),
    promises=(
        Promise.FENCING,
        Promise.ROLLBACK,
    ),
)
