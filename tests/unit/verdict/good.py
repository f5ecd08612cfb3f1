"""A record of a drill in which everything went well, and ways to make it go otherwise."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from harness.clock import Instant
from harness.facts import (
    CLIENTS,
    MACHINE,
    UNTIL_THE_END,
    CallMade,
    ClientEnded,
    ClientKind,
    ClientStarted,
    Detected,
    DrillStarted,
    ExposureSeen,
    FaultBitten,
    FaultStruck,
    FencingProbed,
    ForecastInput,
    IntegrityCounted,
    Part,
    Probed,
    Promise,
    ProtectionSeen,
    RecoveryEnded,
    RecoveryStarted,
    ServedBy,
    Stage,
    StepEnded,
    StepStarted,
    TornDown,
)
from harness.objectives import Fidelity, Objectives
from harness.record import ClientActivity, DataGap, Outage, Record, Stamped

SECOND = 1_000_000_000
STRUCK = 100 * SECOND
_LATEST = datetime(2026, 1, 1, tzinfo=UTC)

STARTED = DrillStarted(
    run="r1",
    day="2026-01-01",
    drill="database-promote-replica",
    title="t",
    runbook="Database",
    severity="sev-0",
    tags=(),
    environment="embedded",
    fidelity=Fidelity.REAL,
    operator="automation",
    pace=0.01,
    objectives=Objectives(timedelta(hours=4), timedelta(hours=1)),
    rehearsal_rto=timedelta(seconds=10),
    rehearsal_rpo=timedelta(seconds=1),
    decision_time=timedelta(minutes=15),
    fault="LoseInstance",
    procedure="PromoteReadReplica",
    planned_steps=("promote", "switch"),
    recovers_to=("read-replica",),
    names=("db.labelmintit.com",),
    signals=("connections-lost",),
    promises=(Promise.FENCING,),
    touches=("db", "db.labelmintit.com"),
)


SWITCHED: dict[str, object] = {"ChangeBatch": {"Changes": [{"ResourceRecordSet": {"Name": "db.labelmintit.com."}}]}}


def call(
    operation: str,
    started: float,
    *,
    states: dict[str, str] | None = None,
    resources: tuple[str, ...] = (),
    region: str = "us-east-1",
    params: dict[str, object] | None = None,
) -> CallMade:
    """A call by the automation, `started` seconds after the strike."""
    mutates = not operation.startswith(("Describe", "Get"))
    return CallMade(
        *("automation", "rds", operation, region, mutates, "id", round(STRUCK + started * SECOND)),
        *(timedelta(milliseconds=5), 200),
        resources=resources,
        states=states or {},
        params=params or ({"DBInstanceIdentifier": resources[0]} if resources else {}),
    )


LAG = dataclasses.replace(
    call(
        "GetMetricStatistics",
        1.05,
        params={
            "Namespace": "AWS/RDS",
            "MetricName": "ReplicaLag",
            "Dimensions": [{"Name": "DBInstanceIdentifier", "Value": "db"}],
        },
    ),
    service="cloudwatch",
)


def facts() -> list[tuple[float, object]]:
    """(seconds after the strike, fact) of a good drill."""
    year = ForecastInput(Part.DETECT, "health check", timedelta(seconds=30), timedelta(minutes=2), "settings")
    return [
        (-9, STARTED),
        (
            -8,
            ClientStarted(
                "visitor", ClientKind.VISITOR, "ledger/visitor.bin", "fresh", (1,), timedelta(seconds=0.02), True
            ),
        ),
        (-7, Probed(Stage.BASELINE, "/health", ok=True)),
        (-7, IntegrityCounted(Stage.BASELINE, 5, 3, 100, _LATEST, "abc")),
        (-6, year),
        (-6, ProtectionSeen(Stage.BASELINE, "old", multi_az=True, backup_retention_days=35)),
        (-6, ExposureSeen("replication", timedelta(seconds=1), role="read-replica")),
        (0, FaultStruck("LoseInstance", "primary-database")),
        (0.1, FaultBitten(MACHINE, bitten=True)),
        (0.2, FaultBitten(CLIENTS, bitten=True)),
        (1, Detected("alarm", "connections-lost")),
        (1, RecoveryStarted("automation", "PromoteReadReplica")),
        (1, StepStarted("promote", Part.EXECUTE)),
        (1.02, call("DescribeDBInstances", 1.02, states={"db": "available"})),
        (1.05, LAG),
        (1.1, call("PromoteReadReplica", 1.1, resources=("db",))),
        (1.1, ForecastInput(Part.EXECUTE, "promotion", timedelta(minutes=5), timedelta(minutes=30), "docs")),
        (1.9, call("DescribeDBInstances", 1.9, states={"db": "available"})),
        (2, StepEnded("promote", ok=True)),
        (2, StepStarted("switch", Part.REDIRECT)),
        (2.1, call("ChangeResourceRecordSets", 2.1, params=SWITCHED)),
        (2.1, ForecastInput(Part.REDIRECT, "TTL", timedelta(0), timedelta(seconds=30), "record")),
        (2.5, StepEnded("switch", ok=True)),
        (2.5, RecoveryEnded(ok=True)),
        (2.5, FaultBitten(UNTIL_THE_END, bitten=True)),
        (5, Probed(Stage.VALIDATION, "/health", ok=True)),
        (5, ServedBy("db.labelmintit.com", "db", "read-replica", writable=True)),
        (6, FencingProbed("old", returned=True, attempts=10, acknowledged=0)),
        (7, Probed(Stage.SETTLED, "/health", ok=True)),
        (7, IntegrityCounted(Stage.SETTLED, 5, 3, 150, _LATEST, "abc")),
        (7, ProtectionSeen(Stage.SETTLED, "db", multi_az=True, backup_retention_days=35)),
        (7, ClientEnded("visitor", 0, asked_to=True)),
        (9, TornDown(())),
    ]


OUTAGE = Outage(
    "visitor",
    probes=800,
    bad=120,
    decides=True,
    lost_low=STRUCK,
    lost_high=STRUCK + SECOND // 50,
    back_low=STRUCK + 3 * SECOND,
    back_high=STRUCK + 3 * SECOND + SECOND // 20,
    good_before=300,
)
GAP = DataGap(measured=True, acknowledged=700, kept=699, lost=1, age=timedelta(milliseconds=20))
ACTIVITY = ClientActivity(
    "visitor",
    "visitor",
    800,
    acknowledged_before=300,
    acknowledged_after=300,
    first=STRUCK - 8 * SECOND,
    last=STRUCK + 7 * SECOND,
    longest_silence=timedelta(0),
    writer=1,
)


def record(
    change: Callable[[object], object | None] = lambda fact: fact,
    *,
    outage: Outage = OUTAGE,
    gap: DataGap = GAP,
    activity: ClientActivity = ACTIVITY,
) -> Record:
    """The good record with each fact passed through `change`, which may alter it or drop it by giving None."""
    told = [(at, change(fact)) for at, fact in facts()]
    stamped = tuple(Stamped(Instant(round(STRUCK + at * SECOND)), fact) for at, fact in told if fact is not None)
    return Record(stamped, (outage,), gap, (activity,))


def altered(kind: type[object], **changes: object) -> Callable[[object], object]:
    """Every fact of a kind, with some of its fields replaced."""
    return lambda fact: dataclasses.replace(fact, **changes) if isinstance(fact, kind) else fact  # type: ignore[type-var]


def dropped(kind: type[object]) -> Callable[[object], object | None]:
    """Every fact of a kind, gone."""
    return lambda fact: None if isinstance(fact, kind) else fact
