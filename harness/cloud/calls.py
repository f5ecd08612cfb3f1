"""What the log keeps of a call: who, what, on which resources, which states a describe showed. Never a secret."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from harness.aws_rules.operations import is_secret, mutates, redacted
from harness.facts import CallMade

_NAMES_A_RESOURCE = re.compile(r"(Identifiers?|Names?|Ids?|Arns?|Bucket|service|cluster|tasks?|taskDefinition)$")
_NAMES_NO_RESOURCE = re.compile(
    r"(SetIdentifier|DBName|MetricName|Namespace|CallerReference|ClientToken|ParameterName)$"
)
_STATES = {
    "DescribeDBInstances": ("DBInstances", "DBInstanceIdentifier", "DBInstanceStatus"),
    "DescribeAlarms": ("MetricAlarms", "AlarmName", "StateValue"),
    "DescribeLoadBalancers": ("LoadBalancers", "LoadBalancerName", "State.Code"),
    "DescribeTargetHealth": ("TargetHealthDescriptions", "Target.Id", "TargetHealth.State"),
    "DescribeReplicationGroups": ("ReplicationGroups", "ReplicationGroupId", "Status"),
    "DescribeCacheClusters": ("CacheClusters", "CacheClusterId", "CacheClusterStatus"),
    "DescribeGlobalReplicationGroups": ("GlobalReplicationGroups", "GlobalReplicationGroupId", "Status"),
    "DescribeSnapshots": ("Snapshots", "SnapshotName", "SnapshotStatus"),
    "DescribeTasks": ("tasks", "taskArn", "lastStatus"),
}


def call_made(
    *,
    actor: str,
    service: str,
    operation: str,
    region: str,
    request_id: str,
    started: int,
    took: timedelta,
    status: int,
    error: str,
    params: Mapping[str, Any],
    answer: Mapping[str, Any],
) -> CallMade:
    """The fact of a call, from what was asked and what was answered."""
    return CallMade(
        actor=actor,
        service=service,
        operation=operation,
        region=region,
        mutates=mutates(operation),
        request_id=request_id,
        started=started,
        took=took,
        status=status,
        error=error,
        resources=tuple(dict.fromkeys(_resources(params))),
        states=states(operation, answer),
        params=redacted(params),
        datapoints=datapoints(operation, answer),
    )


def states(operation: str, answer: Mapping[str, Any]) -> dict[str, str]:
    """The identifier and status of each resource that a describe call showed."""
    if operation == "GetChange" and "ChangeInfo" in answer:
        return {str(answer["ChangeInfo"]["Id"]): str(answer["ChangeInfo"]["Status"])}
    if operation == "DescribeServices":
        return {str(service["serviceName"]): _rollout(service) for service in answer.get("services", ())}
    if operation not in _STATES:
        return {}
    where, name, status = _STATES[operation]
    return {str(_at(one, name)): str(_at(one, status)) for one in answer.get(where, ())}


def datapoints(operation: str, answer: Mapping[str, Any]) -> int | None:
    """How many datapoints of a metric were answered, of several metrics the fewest; None of what answers none."""
    if operation == "GetMetricStatistics":
        return len(answer.get("Datapoints", ()))
    if operation == "GetMetricData":
        return min((len(result["Values"]) for result in answer.get("MetricDataResults", ())), default=0)
    return None


def _resources(params: Mapping[str, Any]) -> Iterator[str]:
    for key, value in params.items():
        if isinstance(value, Mapping):
            yield from _resources(value)
        elif isinstance(value, list | tuple):
            for one in value:
                if isinstance(one, Mapping):
                    yield from _resources(one)
                elif isinstance(one, str) and _is_name(key):
                    yield one
        elif isinstance(value, str) and value and _is_name(key):
            yield value


def _is_name(key: str) -> bool:
    return bool(_NAMES_A_RESOURCE.search(key)) and not (_NAMES_NO_RESOURCE.search(key) or is_secret(key))


def _rollout(service: Mapping[str, Any]) -> str:
    """How far the service's current deployment is (IN_PROGRESS, COMPLETED, FAILED), else the service's own status."""
    for deployment in service.get("deployments", ()):
        if deployment.get("status") == "PRIMARY" and deployment.get("rolloutState"):
            return str(deployment["rolloutState"])
    return str(service.get("status", ""))


def _at(value: Any, path: str) -> Any:
    for part in path.split("."):
        value = value.get(part, {}) if isinstance(value, Mapping) else {}
    return value or ""
