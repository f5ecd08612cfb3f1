"""What a recovery looks at of an ECS service: where its deployment is, which of its tasks fail, what served before."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from harness.aws_rules.durations import ECS_START_TASK
from harness.errors import ProcedureFailed
from harness.estate import Service
from harness.recovery.procedure import Recovery
from harness.wait import until

if TYPE_CHECKING:
    from mypy_boto3_ecs.type_defs import DeploymentTypeDef, ServiceTypeDef, TaskTypeDef

_MOST_AT_ONCE = 100
"""Tasks that DescribeTasks takes (ECS API Reference)."""
_FAILED = frozenset({"TaskFailedToStart", "EssentialContainerExited"})
_FAILED_CHECKS = "failed ELB health checks"
"""ECS's own words for a task that it stopped for that (ECS Developer Guide, "Stopped tasks error messages")."""


def look(recovery: Recovery, service: Service) -> ServiceTypeDef:
    """The service as ECS describes it now. Raises ProcedureFailed when there is none that works."""
    found = recovery.aws.ecs(service.region).describe_services(cluster=service.cluster, services=[service.service])
    if not found["services"] or found["services"][0].get("status") != "ACTIVE":
        raise ProcedureFailed(f"there is no active service {service.service} in {service.cluster}")
    return found["services"][0]


def current(recovery: Recovery, service: Service) -> DeploymentTypeDef:
    """The deployment that the service is going to, or at."""
    return next(one for one in look(recovery, service)["deployments"] if one.get("status") == "PRIMARY")


def tasks(recovery: Recovery, service: Service) -> list[TaskTypeDef]:
    """Its tasks, also those that ended within about an hour."""
    ecs = recovery.aws.ecs(service.region)
    arns: list[str] = []
    for status in ("RUNNING", "STOPPED"):
        for page in ecs.get_paginator("list_tasks").paginate(
            cluster=service.cluster, serviceName=service.service, desiredStatus=status
        ):  # fmt: skip
            arns += page["taskArns"]
    chunks = [arns[start : start + _MOST_AT_ONCE] for start in range(0, len(arns), _MOST_AT_ONCE)]
    return [task for chunk in chunks for task in ecs.describe_tasks(cluster=service.cluster, tasks=chunk)["tasks"]]


def target_states(recovery: Recovery, service: Service) -> dict[str, str]:
    """The state of each target of the service's group, by its address."""
    elbv2 = recovery.aws.elbv2(service.region)
    found: dict[str, str] = {}
    for group in look(recovery, service)["loadBalancers"]:
        seen = elbv2.describe_target_health(TargetGroupArn=group["targetGroupArn"])["TargetHealthDescriptions"]
        found |= {target["Target"]["Id"]: target["TargetHealth"]["State"] for target in seen}
    return found


def failing(found: Iterable[TaskTypeDef], targets: dict[str, str]) -> list[TaskTypeDef]:
    """Those that ended as no task should, or that run and fail the balancer's checks."""
    return [task for task in found if _failed(task) or targets.get(address(task)) == "unhealthy"]


def last_good(recovery: Recovery, service: Service, bad: str) -> str:
    """The newest revision before `bad` that served: some task of it ran until it was replaced, and none failed.

    Of what was replaced long ago ECS shows no task any more: then it is the newest that has other images. Raises
    ProcedureFailed when there is none.
    """
    ecs, seen = recovery.aws.ecs(service.region), tasks(recovery, service)
    family, _, number = bad.rpartition("/")[2].rpartition(":")
    listed = ecs.list_task_definitions(familyPrefix=family, status="ACTIVE", sort="DESC")["taskDefinitionArns"]
    older = [arn for arn in listed if _revision(arn) < int(number)]
    failed = {task["taskDefinitionArn"] for task in seen if _failed(task)}
    ran = {task["taskDefinitionArn"] for task in seen if task.get("startedAt")} - failed
    good = next((arn for arn in older if arn in ran), "") or _another(recovery, service, bad, older, failed)
    if not good:
        raise ProcedureFailed(f"{family} has no revision before {number} that is known to work")
    return good


def is_rolled_out(recovery: Recovery, service: Service) -> bool:
    """Whether its deployment is complete: as many tasks as wanted are healthy, the old ones are told to end.

    Raises ProcedureFailed when it never will be.
    """
    deployment = current(recovery, service)
    if deployment.get("rolloutState") == "FAILED":
        raise ProcedureFailed(f"the deployment of {service.service} failed: {deployment.get('rolloutStateReason')}")
    return deployment.get("rolloutState") == "COMPLETED"


def wait_rolled_out(recovery: Recovery, service: Service) -> None:
    """Wait until its deployment is complete. Raises ProcedureFailed, NeverHappened."""
    within = recovery.patience(ECS_START_TASK)
    until(f"{service.service} deployed", lambda: is_rolled_out(recovery, service), within=within, clock=recovery.clock)


def scale(recovery: Recovery, service: Service, count: int) -> None:
    """Run that many tasks, all of them started afresh; returns when every one serves. Raises ProcedureFailed."""
    recovery.aws.ecs(service.region).update_service(
        cluster=service.cluster, service=service.service, desiredCount=count, forceNewDeployment=True
    )
    wait_rolled_out(recovery, service)
    wait_stable(recovery, service, count)


def wait_stable(recovery: Recovery, service: Service, count: int) -> None:
    """Wait until one deployment is left, with that many tasks, all healthy at the balancer."""

    def stable() -> bool:
        seen = look(recovery, service)
        rolled_out = [deployment.get("rolloutState") for deployment in seen["deployments"]] == ["COMPLETED"]
        counts = (seen["desiredCount"], seen["runningCount"], seen["pendingCount"])
        healthy = list(target_states(recovery, service).values()).count("healthy")
        return rolled_out and counts == (count, count, 0) and healthy >= count

    within = recovery.patience(ECS_START_TASK)
    until(f"{count} tasks of {service.service}", stable, within=within, clock=recovery.clock)


def _another(recovery: Recovery, service: Service, bad: str, older: Iterable[str], failed: set[str]) -> str:
    """The first of these revisions that has other images and of which no task failed; empty where none has."""
    images = _images(recovery, service, bad)
    return next((arn for arn in older if arn not in failed and _images(recovery, service, arn) != images), "")


def _failed(task: TaskTypeDef) -> bool:
    return task.get("stopCode") in _FAILED or _FAILED_CHECKS in task.get("stoppedReason", "")


def address(task: TaskTypeDef) -> str:
    """Its address within the network; empty before it has one."""
    interfaces = [one for container in task["containers"] for one in container.get("networkInterfaces", ())]
    return next((one["privateIpv4Address"] for one in interfaces if "privateIpv4Address" in one), "")


def _revision(arn: str) -> int:
    return int(arn.rpartition(":")[2])


def _images(recovery: Recovery, service: Service, definition: str) -> set[str]:
    described = recovery.aws.ecs(service.region).describe_task_definition(taskDefinition=definition)
    return {container["image"] for container in described["taskDefinition"]["containerDefinitions"]}
