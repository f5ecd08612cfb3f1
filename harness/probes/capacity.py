"""The probes of how widely a service runs, and what."""

from __future__ import annotations

from harness.aws import Aws
from harness.estate import Estate, Role
from harness.facts import CapacitySeen, ReleaseSeen, Stage


def capacity(aws: Aws, estate: Estate, role: Role, stage: Stage) -> CapacitySeen:
    """What ECS and the balancer say of a service's tasks. Raises ClientError, LookupError when there is none."""
    service = estate.service(role)
    group = estate.balancer(service.balancer).target_group
    [seen] = aws.ecs(service.region).describe_services(cluster=service.cluster, services=[service.service])["services"]
    elbv2 = aws.elbv2(service.region)
    [found] = elbv2.describe_target_groups(Names=[group])["TargetGroups"]
    targets = elbv2.describe_target_health(TargetGroupArn=found["TargetGroupArn"])["TargetHealthDescriptions"]
    healthy = sum(target.get("TargetHealth", {}).get("State") == "healthy" for target in targets)
    return CapacitySeen(stage, service.service, service.region, seen["desiredCount"], seen["runningCount"], healthy)


def release(aws: Aws, estate: Estate, role: Role, stage: Stage) -> ReleaseSeen:
    """The images of a service's tasks that are up or on their way. Raises ClientError."""
    service = estate.service(role)
    ecs = aws.ecs(service.region)
    arns = ecs.list_tasks(cluster=service.cluster, serviceName=service.service)["taskArns"]
    tasks = ecs.describe_tasks(cluster=service.cluster, tasks=arns)["tasks"] if arns else []
    images = {container["image"] for task in tasks for container in task["containers"]}
    return ReleaseSeen(stage, service.service, tuple(sorted(images)))
