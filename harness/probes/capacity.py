"""The probes of how widely a service runs, and what."""

from __future__ import annotations

from harness.aws import Aws
from harness.estate import Estate, Role
from harness.facts import CapacitySeen, ReleaseSeen, Stage


def capacity(aws: Aws, estate: Estate, role: Role, stage: Stage) -> CapacitySeen:
    """What ECS and the balancer say of a service's tasks; none where there is no such service. Raises ClientError."""
    service = estate.service(role)
    group = estate.balancer(service.balancer).target_group
    found = aws.ecs(service.region).describe_services(cluster=service.cluster, services=[service.service])["services"]
    if not found:
        return CapacitySeen(stage, service.service, service.region, 0, 0, 0)
    [seen] = found
    elbv2 = aws.elbv2(service.region)
    [target_group] = elbv2.describe_target_groups(Names=[group])["TargetGroups"]
    targets = elbv2.describe_target_health(TargetGroupArn=target_group["TargetGroupArn"])["TargetHealthDescriptions"]
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
