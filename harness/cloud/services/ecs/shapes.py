"""Clusters, services and tasks in the shapes of the API."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from harness.aws_rules.tags import ALLOWED, DRILL_TAG
from harness.cloud.services.ecs.definitions import CONTAINER
from harness.cloud.services.ecs.state import Deployment, ServiceState
from harness.cloud.services.ecs.tasks import EcsTask
from harness.cloud.services.elbv2.balancers import Balancer

_TAGS = [{"key": DRILL_TAG, "value": ALLOWED}]


def shown_cluster(arn: str, services: Iterable[ServiceState]) -> dict[str, Any]:
    found = list(services)
    return {
        "clusterArn": arn,
        "clusterName": arn.rpartition("/")[2],
        "status": "ACTIVE",
        "registeredContainerInstancesCount": 0,
        "runningTasksCount": sum(service.running for service in found),
        "pendingTasksCount": sum(service.pending for service in found),
        "activeServicesCount": len(found),
        "tags": _TAGS,
        "capacityProviders": ["FARGATE"],
    }


def shown_service(state: ServiceState, balancer: Balancer) -> dict[str, Any]:
    return {
        "serviceArn": state.arn,
        "serviceName": state.part.service,
        "clusterArn": state.cluster_arn,
        "loadBalancers": [
            {
                "targetGroupArn": balancer.group_arn,
                "containerName": CONTAINER,
                "containerPort": balancer.target_port,
            }
        ],
        "status": "ACTIVE",
        "desiredCount": state.desired,
        "runningCount": state.running,
        "pendingCount": state.pending,
        "launchType": "FARGATE",
        "platformVersion": "LATEST",
        "taskDefinition": state.deployments[0].definition.arn,
        "deploymentConfiguration": state.rules.shown(),
        "deployments": [_shown_deployment(state, one) for one in state.deployments],
        "events": [{"id": event.id, "createdAt": event.at, "message": event.message} for event in state.events],
        "createdAt": state.created,
        "healthCheckGracePeriodSeconds": state.grace,
        "schedulingStrategy": "REPLICA",
        "deploymentController": {"type": "ECS"},
        "tags": _TAGS,
        "propagateTags": "NONE",
    }


def _shown_deployment(state: ServiceState, deployment: Deployment) -> dict[str, Any]:
    tasks = state.of(deployment)
    current = deployment is state.deployments[0]
    return {
        "id": deployment.id,
        "status": "PRIMARY" if current else "ACTIVE",
        "taskDefinition": deployment.definition.arn,
        "desiredCount": state.desired if current else 0,
        "runningCount": sum(1 for task in tasks if task.is_running),
        "pendingCount": sum(1 for task in tasks if task.wanted and not task.is_running),
        "failedTasks": len(deployment.failed),
        "createdAt": deployment.created,
        "updatedAt": deployment.updated,
        "launchType": "FARGATE",
        "rolloutState": deployment.rollout,
        "rolloutStateReason": deployment.why,
    }


def shown_task(task: EcsTask, state: ServiceState, balancer: Balancer) -> dict[str, Any]:
    container = {
        "containerArn": task.arn.replace(":task/", ":container/"),
        "taskArn": task.arn,
        "name": task.definition.container["name"],
        "image": task.definition.container["image"],
        "lastStatus": {"RUNNING": "RUNNING", "STOPPED": "STOPPED"}.get(task.last_status, "PENDING"),
        "healthStatus": "UNKNOWN",
        "networkInterfaces": [{"privateIpv4Address": task.address}] if task.address else [],
        "networkBindings": [],
    }
    if task.exit_code is not None:
        container["exitCode"] = task.exit_code
    shown = {
        "taskArn": task.arn,
        "clusterArn": state.cluster_arn,
        "taskDefinitionArn": task.definition.arn,
        "group": f"service:{state.part.service}",
        "startedBy": task.deployment,
        "lastStatus": task.last_status,
        "desiredStatus": task.desired_status,
        "launchType": "FARGATE",
        "availabilityZone": f"{balancer.region}a",
        "healthStatus": "UNKNOWN",
        "containers": [container],
        "createdAt": task.created,
        "startedAt": task.started,
        "stoppingAt": task.stopping,
        "stoppedAt": task.stopped,
        "stopCode": task.stop_code,
        "stoppedReason": task.stopped_reason,
        "tags": _TAGS,
        "version": 1,
    }
    return {key: value for key, value in shown.items() if value not in ("", None)}
