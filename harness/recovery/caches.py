"""What every cache procedure does with ElastiCache: look, wait, lead the application to a group, fill it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from harness.aws_rules.operations import HOPELESS
from harness.errors import NeverHappened, ProcedureFailed
from harness.estate import Cache, Service
from harness.recovery import switching
from harness.recovery.procedure import Recovery
from harness.wait import until

if TYPE_CHECKING:
    from mypy_boto3_elasticache.type_defs import ReplicationGroupTypeDef

WARM_WITHIN = timedelta(seconds=8)
WARM = 90.0
"""Percent of what is asked for that a cache must hold before it is called warm."""
_LOOK_BACK = timedelta(minutes=2)
_LAG_LOOK_BACK = timedelta(minutes=10)


def look(recovery: Recovery, cache: Cache) -> ReplicationGroupTypeDef:
    """The group as ElastiCache describes it now. Raises ClientError when it is unknown."""
    found = recovery.aws.elasticache(cache.region).describe_replication_groups(ReplicationGroupId=cache.identifier)
    return found["ReplicationGroups"][0]


def assess(recovery: Recovery, lost: Cache) -> None:
    """What ElastiCache says of the lost group. It goes on being modified for as long as nobody answers."""
    look(recovery, lost)
    recovery.aws.elasticache(lost.region).describe_events(
        SourceIdentifier=lost.identifier, SourceType="replication-group", Duration=60
    )


def check_lag(recovery: Recovery, standby: Cache, store: str) -> None:
    """Refuse a standby that CloudWatch says is further behind than the promised RPO. Raises ProcedureFailed."""
    now, promised = recovery.clock.wall(), recovery.objectives.rpo
    points = recovery.aws.cloudwatch(standby.region).get_metric_statistics(
        Namespace="AWS/ElastiCache",
        MetricName="GlobalDatastoreReplicationLag",
        Dimensions=[{"Name": "GlobalReplicationGroupId", "Value": store}],
        StartTime=now - _LAG_LOOK_BACK,
        EndTime=now + timedelta(minutes=1),
        Period=60,
        Statistics=["Average"],
    )["Datapoints"]
    newest = max(points, key=lambda point: point["Timestamp"], default=None)
    if newest and newest["Average"] > promised.total_seconds():
        behind = timedelta(seconds=round(newest["Average"]))
        raise ProcedureFailed(f"{standby.identifier} is {behind} behind, more than the promised {promised}")


def wait_available(recovery: Recovery, cache: Cache, within: timedelta) -> None:
    """Wait until ElastiCache reports the group available. Raises ProcedureFailed when no waiting helps."""

    def settled() -> bool:
        status = look(recovery, cache).get("Status", "")
        if status in HOPELESS:
            raise ProcedureFailed(f"{cache.identifier} is {status}", hint="See the group's events.")
        return status == "available"

    until(f"{cache.identifier} available", settled, within=within, clock=recovery.clock)


def endpoint(recovery: Recovery, cache: Cache) -> tuple[str, int]:
    """Host and port at which a group takes writes. Raises ProcedureFailed while it reports none."""
    shards = look(recovery, cache).get("NodeGroups", [])
    primary = shards[0].get("PrimaryEndpoint") if shards else None
    if not primary:
        raise ProcedureFailed(f"{cache.identifier} has no primary endpoint")
    return primary["Address"], primary["Port"]


def repoint(recovery: Recovery, service: Service, cache: Cache) -> None:
    """Write a group's endpoint into the settings that the service's tasks read when they start."""
    if service.cache_settings is None:
        raise ProcedureFailed(f"{service.service} has no settings of a cache")
    host, port = endpoint(recovery, cache)
    switching.write_endpoint(recovery, service.region, service.cache_settings, host, port)


def warm_up(recovery: Recovery, service: Service) -> None:
    """Deploy tasks that fill the cache when they start."""
    ecs = recovery.aws.ecs(service.region)
    known = ecs.describe_task_definition(taskDefinition=service.task_family)["taskDefinition"]
    [container] = known["containerDefinitions"]
    kept = [pair for pair in container.get("environment", []) if pair.get("name") != "CACHE_WARM_UP"]
    container["environment"] = [*kept, {"name": "CACHE_WARM_UP", "value": "yes"}]
    settings = {key: value for key, value in known.items() if key in _KEPT}
    made = ecs.register_task_definition(
        family=service.task_family,
        containerDefinitions=[container],
        **settings,  # type: ignore[arg-type]
    )["taskDefinition"]
    switching.deploy(recovery, service, made["taskDefinitionArn"])


_KEPT = (
    "taskRoleArn", "executionRoleArn", "networkMode", "volumes", "placementConstraints", "requiresCompatibilities",
    "cpu", "memory", "runtimePlatform",
)  # fmt: skip
"""What another revision of a task definition takes over."""


def follow_hit_rate(recovery: Recovery, cache: Cache) -> None:
    """Watch the primary's hit rate in CloudWatch until the cache is warm. Raises ProcedureFailed."""
    [shard] = look(recovery, cache).get("NodeGroups", [])
    members = shard.get("NodeGroupMembers", [])
    primary = next((one for one in members if one.get("CurrentRole") == "primary"), members[0])
    rates: list[float] = []

    def warm() -> bool:
        rates[:] = _hit_rates(recovery, cache.region, primary["CacheClusterId"])
        return bool(rates) and rates[-1] >= WARM

    try:
        until(f"{cache.identifier} warm", warm, within=WARM_WITHIN, clock=recovery.clock)
    except NeverHappened as never:
        last = f"{rates[-1]:.0f} %" if rates else "unknown"
        raise ProcedureFailed(f"{cache.identifier} does not get warm: its hit rate is {last}") from never


def _hit_rates(recovery: Recovery, region: str, node: str) -> list[float]:
    now = recovery.clock.wall()
    points = recovery.aws.cloudwatch(region).get_metric_statistics(
        Namespace="AWS/ElastiCache",
        MetricName="CacheHitRate",
        Dimensions=[{"Name": "CacheClusterId", "Value": node}, {"Name": "CacheNodeId", "Value": "0001"}],
        StartTime=now - _LOOK_BACK,
        EndTime=now + timedelta(minutes=1),
        Period=60,
        Statistics=["Average"],
    )["Datapoints"]
    return [point["Average"] for point in sorted(points, key=lambda point: point["Timestamp"])]
