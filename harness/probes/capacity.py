"""The probes of how widely a service runs, what it runs, and where its balancer sends."""

from __future__ import annotations

from harness.aws import Aws
from harness.estate import Balancer, Estate, Role
from harness.facts import CapacitySeen, ReleaseSeen, Stage, TargetsSeen


def capacity(aws: Aws, estate: Estate, role: Role, stage: Stage) -> CapacitySeen:
    """What ECS and the balancer say of a service's tasks; none where there is no such service. Raises ClientError."""
    service = estate.service(role)
    found = aws.ecs(service.region).describe_services(cluster=service.cluster, services=[service.service])["services"]
    if not found:
        return CapacitySeen(stage, service.service, service.region, 0, 0, 0)
    [seen] = found
    states = list(targets(aws, estate.balancer(service.balancer), stage).states.values())
    counts = seen["desiredCount"], seen["runningCount"], states.count("healthy")
    return CapacitySeen(stage, service.service, service.region, *counts, deployments=len(seen["deployments"]))


def release(aws: Aws, estate: Estate, role: Role, stage: Stage) -> ReleaseSeen:
    """The images of a service's tasks that are up or on their way. Raises ClientError."""
    service = estate.service(role)
    ecs = aws.ecs(service.region)
    arns = ecs.list_tasks(cluster=service.cluster, serviceName=service.service)["taskArns"]
    tasks = ecs.describe_tasks(cluster=service.cluster, tasks=arns)["tasks"] if arns else []
    images = {container["image"] for task in tasks for container in task["containers"]}
    return ReleaseSeen(stage, service.service, tuple(sorted(images)))


def targets(aws: Aws, balancer: Balancer, stage: Stage) -> TargetsSeen:
    """Where a balancer sends, by id and port. Raises ClientError, LookupError when it has no such group."""
    elbv2 = aws.elbv2(balancer.region)
    [group] = elbv2.describe_target_groups(Names=[balancer.target_group])["TargetGroups"]
    found = elbv2.describe_target_health(TargetGroupArn=group["TargetGroupArn"])["TargetHealthDescriptions"]
    states = {f"{one['Target']['Id']}:{one['Target'].get('Port')}": one["TargetHealth"]["State"] for one in found}
    return TargetsSeen(stage, balancer.name, {name: state for name, state in states.items() if state != "draining"})
