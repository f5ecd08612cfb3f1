"""What the harness and the operator of a synthetic drill did, fact by fact."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from harness.facts import (
    UNTIL_THE_END,
    Basis,
    CallMade,
    Declared,
    Detected,
    ExposureSeen,
    FaultBitten,
    FaultStruck,
    FencingProbed,
    ForecastInput,
    IntegrityCounted,
    MachineEvent,
    Part,
    Probed,
    ProtectionSeen,
    RecoveryEnded,
    RecoveryStarted,
    ServedBy,
    Stage,
    StepEnded,
    StepStarted,
    TornDown,
)
from tests.golden.performed import LEADING, LED

if TYPE_CHECKING:
    from tests.golden.story import Story

Line = tuple[float, object]
SECOND = 1_000_000_000
STRIKE = 10 * SECOND
PRIMARY, REPLICA = "labelmintit-production-db-enhanced", "labelmintit-production-db-read-replica"
SEEN = datetime(2026, 11, 22, 9, 29, 59, tzinfo=UTC)
SHARES = (0.05, 0.04, 0.22, 0.25, 0.1, 0.08, 0.12, 0.06, 0.08)
PARTS = (Part.DECIDE, Part.DECIDE, *[Part.EXECUTE] * 3, *[Part.REDIRECT] * 3, Part.VERIFY)
LAG = {
    "MetricDataQueries": [
        {
            "Id": "lag",
            "MetricStat": {
                "Metric": {
                    "Namespace": "AWS/RDS",
                    "MetricName": "ReplicaLag",
                    "Dimensions": [{"Name": "DBInstanceIdentifier", "Value": REPLICA}],
                }
            },
        }
    ]
}
TOUCHES = (REPLICA, *LED)
PARAMS: dict[str, dict[str, Any]] = {
    "GetMetricData": LAG,
    "PromoteReadReplica": {"DBInstanceIdentifier": REPLICA},
    **LEADING,
}
CALLS = (
    (("rds", "DescribeDBInstances", False),),
    (("cloudwatch", "GetMetricData", False), ("rds", "DescribeDBInstances", False)),
    (("rds", "PromoteReadReplica", True),),
    (("rds", "DescribeDBInstances", False),) * 9,
    (("rds", "ModifyDBInstance", True), *(("rds", "DescribeDBInstances", False),) * 4),
    (("ssm", "GetParametersByPath", False), ("ssm", "PutParameter", True)),
    (("ecs", "UpdateService", True), *(("ecs", "DescribeServices", False),) * 6),
    (("route53", "ChangeResourceRecordSets", True), *(("route53", "GetChange", False),) * 3),
    (("rds", "DescribeDBInstances", False),),
)


def before(story: Story) -> Iterator[Line]:
    """Raising, the steady state, the strike."""
    for number, machine in enumerate(("postgres-primary", "postgres-read-replica", "envoy", "resolver", "application")):
        yield -8.5 + number / 2, MachineEvent(machine, "ready", f"127.41.1.{number + 1}")
    for probe in ("SELECT 1", "/health"):
        yield -0.6, Probed(Stage.BASELINE, probe, True, "1")
    yield -0.5, IntegrityCounted(Stage.BASELINE, 500, 50, 5403, SEEN, "b3c1d2")
    yield -0.5, ExposureSeen(
        f"replication to {REPLICA}", timedelta(seconds=0.4), "worst ReplicaLag of 5 datapoints", "read-replica",
        Basis.MEASURED,
    )  # fmt: skip
    for inputs in _inputs(story):
        yield -0.45, inputs
    yield -0.4, Declared("TLS to PostgreSQL", "the server programs of this environment are built without it")
    yield (
        -0.4,
        Declared("time that AWS takes", "state changes run at pace 0.01; the forecast puts AWS's own figures back"),
    )
    yield -0.4, ProtectionSeen(Stage.BASELINE, PRIMARY, multi_az=True, backup_retention_days=35)
    yield 0.0, FaultStruck("LoseInstance", "primary-database")
    yield 0.03, FaultBitten("machine", True, "no process, no storage")
    yield 0.05, FaultBitten("clients", story.bites, "connection refused" if story.bites else "still acknowledged")


def _inputs(story: Story) -> Iterator[ForecastInput]:
    minute = timedelta(minutes=1)
    yield ForecastInput(Part.DETECT, "alarm on lost connections", minute, 2 * minute, "alarm period 60 s, 1 period")
    yield ForecastInput(
        Part.EXECUTE, "promotion of a read replica", 5 * minute, 20 * minute, "AWS: usually several minutes"
    )
    slow = 300 if story.back is None or story.back > 6 else 30
    yield ForecastInput(Part.EXECUTE, "modification, with reboot", 3 * minute, slow * minute, "observed in us-east-1")
    yield ForecastInput(Part.REDIRECT, "a new deployment", 2 * minute, 6 * minute, "ECS rolling update, 2 tasks")
    yield ForecastInput(
        Part.REDIRECT, "DNS until clients follow", minute, minute * 1.5, "Route 53: 60 s, and a TTL of 30 s"
    )
    yield ForecastInput(Part.VERIFY, "validation", minute, 5 * minute, "nine checks at the pace of a person")


def after(story: Story) -> Iterator[Line]:
    """Detection, recovery, validation, fencing, the end."""
    if not story.bites:
        yield story.ends - 0.1, TornDown(())
        return
    yield 0.34, Detected("health check", "labelmintit-production-primary", "unhealthy after 3 of 3")
    yield 0.62, Detected("alarm", "labelmintit-production-db-connections-lost", "no data for 60 s")
    back = story.back or story.ends - 2
    yield 0.65, RecoveryStarted("automation", "PromoteReadReplica")
    yield from _steps(story, 0.66, back - 0.1)
    yield back - 0.05, RecoveryEnded(True)
    yield back - 0.05, FaultBitten(UNTIL_THE_END, True, "still no process, no storage")
    for probe in ("SELECT 1", "/health", "first acknowledged write"):
        yield back + 0.4, Probed(Stage.VALIDATION, probe, True, "good")
    yield back + 0.5, IntegrityCounted(Stage.VALIDATION, 500, 50, 5630, SEEN + timedelta(seconds=5), "b3c1d2")
    yield back + 0.6, ServedBy("db.labelmintit.com", REPLICA, "read-replica", True, "us-east-1")
    yield back + 0.6, ServedBy("labelmintit.com", REPLICA, "read-replica", True, "us-east-1")
    acknowledged = 0 if story.fenced else 4
    yield story.ends - 0.7, Probed(Stage.SETTLED, "/health", True, "good")
    yield story.ends - 1.2, FencingProbed(PRIMARY, True, 25, acknowledged, "connection refused" if story.fenced else "")
    yield story.ends - 0.6, IntegrityCounted(Stage.SETTLED, 500, 50, 5911, SEEN + timedelta(seconds=8), "b3c1d2")
    yield story.ends - 0.5, ProtectionSeen(Stage.SETTLED, REPLICA, multi_az=True, backup_retention_days=35)
    yield story.ends - 0.1, TornDown(() if story.fenced else ("/tmp/labelmint-drill-4f2a/postgres-primary",))


def _steps(story: Story, begin: float, end: float) -> Iterator[Line]:
    from tests.golden.story import PLANNED

    whole = (end - begin) / sum(SHARES)
    for name, share, part, calls in zip(PLANNED, SHARES, PARTS, CALLS, strict=True):
        took = whole * share
        yield begin, StepStarted(name, part, "Database Disaster Recovery, Scenario 1, Option A")
        yield from _calls(calls, begin, took)
        yield begin + took * 0.98, StepEnded(name, True)
        begin += took
    if story.hostile:
        yield from _hostile_steps(begin)


def _calls(calls: tuple[tuple[str, str, bool], ...], begin: float, took: float) -> Iterator[Line]:
    for number, (service, operation, mutates) in enumerate(calls):
        started = begin + took * (0.05 + 0.8 * number / len(calls))
        last = number == len(calls) - 1
        yield (
            started + 0.004,
            CallMade(
                actor="automation",
                service=service,
                operation=operation,
                region="us-east-1",
                mutates=mutates,
                request_id=f"{round(started * 1e6):032x}",
                started=STRIKE + round(started * SECOND),
                took=timedelta(milliseconds=3 + number % 4),
                status=200,
                resources=(REPLICA,) if service == "rds" else (),
                states={REPLICA: "available" if last or number == 0 else "modifying"}
                if operation == "DescribeDBInstances"
                else {},
                params=PARAMS.get(operation, {}),
            ),
        )


def _hostile_steps(begin: float) -> Iterator[Line]:
    error = "</td></table><script>alert(7)</script>"
    for number in range(24):
        at = begin + number * 0.002
        name = f"step {number}: <img src=x onerror=alert({number})> costs $5, $6_^ {'long' * 30} \U0001f4a5 数据库"
        yield at, StepStarted(name, Part.VERIFY, "<b>bold</b> & section")
        yield at + 0.001, StepEnded(name, number != 7, "" if number != 7 else error)
    yield begin + 0.06, Declared("<script>declared()</script>", "because 'quotes', \"double quotes\" & ampersands")
    yield begin + 0.07, FaultBitten("<i>client</i>", True, "javascript:alert(1) " + "x" * 400)
