"""What harness and operator of a synthetic drill did whose cache was struck."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from harness.facts import (
    CLIENTS,
    MACHINE,
    UNTIL_THE_END,
    AtStake,
    Basis,
    CacheSeen,
    Detected,
    ExposureSeen,
    FaultBitten,
    FaultStruck,
    ForecastInput,
    IntegrityCounted,
    NightPlayed,
    Part,
    Probed,
    RecoveryEnded,
    RecoveryStarted,
    ServedBy,
    Stage,
    TornDown,
    WarmthSeen,
)
from tests.golden.performed import Planned, performed

if TYPE_CHECKING:
    from tests.golden.story import Story

LOST, RESTORED = "labelmintit-production-redis-enhanced", "labelmintit-production-redis-restored"
NAME, ALARM = "cache of labelmintit.com", "labelmintit-production-redis-connections-lost"
NIGHT = -2.9
"""When the nightly snapshot was taken, in seconds from the strike."""
RUNBOOK = "Redis Cache Recovery / Scenario 1: Redis Cluster Failure / Option B"
SEEN = datetime(2026, 11, 22, 9, 29, 59, tzinfo=UTC)
LOOK = ("elasticache", "DescribeReplicationGroups", False)
STEPS: tuple[Planned, ...] = (
    ("assess the impact", Part.EXECUTE, (LOOK,)),
    ("restore the last snapshot", Part.EXECUTE, (("elasticache", "CreateReplicationGroup", True), LOOK, LOOK)),
    ("repoint the application", Part.REDIRECT, (("ssm", "PutParameter", True),)),
    ("deploy the application", Part.REDIRECT, (("ecs", "UpdateService", True), ("ecs", "DescribeServices", False))),
    ("set the alarms", Part.REDIRECT, (("cloudwatch", "PutMetricAlarm", True),)),
    ("warm the cache up", Part.REDIRECT, ()),
    ("follow the hit rate", Part.REDIRECT, (("cloudwatch", "GetMetricStatistics", False),)),
)
TERMS: dict[str, Any] = {
    "runbook": RUNBOOK,
    "severity": "sev-1",
    "tags": ("cache",),
    "promises": (),
    "names": (NAME,),
    "signals": (ALARM,),
    "procedure": "RestoreCacheFromSnapshot",
    "planned_steps": tuple(name for name, _, _ in STEPS),
    "recovers_to": ("restored-cache",),
    "at_stake": AtStake.CACHE,
    "known_gap": "RPO",
    "known_gap_review": "2027-03-31",
    "known_gap_at_most": timedelta(days=1),
}
GROUP = CacheSeen(
    Stage.BASELINE,
    LOST,
    nodes=3,
    node_type="cache.r6g.large",
    engine_version="7.0.7",
    parameter_group="labelmintit-production-redis",
    subnet_group="labelmintit-production-cache-subnet",
    security_groups=("sg-cache",),
    encrypted=True,
    automatic_failover=True,
    multi_az=True,
    snapshot_retention_days=7,
    alarms=("CurrConnections",),
)


def told(story: Story) -> Iterator[tuple[float, object]]:
    """From steady state to the end; served again at `story.back`."""
    back = story.back or story.ends - 2
    yield -0.6, Probed(Stage.BASELINE, "/health", True, "1")
    yield -0.5, IntegrityCounted(Stage.BASELINE, 500, 50, 5403, SEEN, "b3c1d2")
    day = timedelta(days=1)
    seen = ExposureSeen(f"snapshots of {LOST}", day, "one a day, kept for 7 days", "restored-cache", Basis.PUBLISHED)
    yield -0.5, seen
    yield -0.5, GROUP
    yield -0.5, WarmthSeen(Stage.BASELINE, 1.0, 101.0)
    yield NIGHT, NightPlayed("cache")
    minute = timedelta(minutes=1)
    yield -0.45, ForecastInput(Part.DETECT, "alarm on lost connections", minute, 2 * minute, "alarm period 60 s")
    yield 0.0, FaultStruck("LoseInstance", "cache")
    yield 0.03, FaultBitten(MACHINE, True, "cache felt LoseInstance")
    yield 0.05, FaultBitten(CLIENTS, True, "every client that decides met it")
    yield 0.62, Detected("alarm", ALARM, "no data for 60 s")
    yield 0.65, RecoveryStarted("automation", "RestoreCacheFromSnapshot")
    yield from performed(STEPS, RUNBOOK, RESTORED, 0.66, back - 0.1)
    yield back - 0.05, RecoveryEnded(True)
    yield back - 0.05, FaultBitten(UNTIL_THE_END, True, "still lost")
    yield back + 0.4, Probed(Stage.VALIDATION, "/health", True, "good")
    yield back + 0.5, WarmthSeen(Stage.VALIDATION, 0.98, 104.0, timedelta(seconds=0.4))
    yield back + 0.6, ServedBy(NAME, RESTORED, "restored-cache", True, "us-east-1")
    yield story.ends - 0.6, Probed(Stage.SETTLED, "/health", True, "good")
    yield story.ends - 0.6, IntegrityCounted(Stage.SETTLED, 500, 50, 5911, SEEN + timedelta(seconds=8), "b3c1d2")
    yield story.ends - 0.5, replace(GROUP, stage=Stage.SETTLED, identifier=RESTORED)
    yield story.ends - 0.1, TornDown(())
