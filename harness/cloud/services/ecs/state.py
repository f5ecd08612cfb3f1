"""A service as ECS holds it: its deployments and how they are to be rolled out, its tasks, its events."""

from __future__ import annotations

import uuid
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from math import ceil
from typing import Any

from harness import estate
from harness.cloud.service import AwsError
from harness.cloud.services.ecs.definitions import TaskDefinition
from harness.cloud.services.ecs.tasks import EcsTask

LONGEST_GRACE = 2147483647
"""The longest healthCheckGracePeriodSeconds: tasks that fail the balancer's checks are kept."""
_KEPT_EVENTS = 100
_FEWEST_FAILURES, _MOST_FAILURES = 3, 200
"""Bounds of the circuit breaker's threshold, half of the wanted tasks between them (ECS Developer Guide, "How the
Amazon ECS deployment circuit breaker detects failures")."""


@dataclass(frozen=True, slots=True)
class Rules:
    """deploymentConfiguration of a rolling update; the figures are those of a new service."""

    minimum_healthy_percent: int = 100
    maximum_percent: int = 200
    breaker: bool = False
    """Whether the deployment circuit breaker is enabled."""
    rollback: bool = False

    def updated(self, asked: Mapping[str, Any]) -> Rules:
        """With what UpdateService asks for. Raises AwsError for what no deployment could keep, or is not done here."""
        if strange := set(asked) - {"minimumHealthyPercent", "maximumPercent", "deploymentCircuitBreaker"}:
            raise AwsError("NotImplemented", f"the embedded cloud has no {', '.join(sorted(strange))}", 501)
        breaker = asked.get("deploymentCircuitBreaker", {"enable": self.breaker, "rollback": self.rollback})
        least = asked.get("minimumHealthyPercent", self.minimum_healthy_percent)
        most = asked.get("maximumPercent", self.maximum_percent)
        if not 0 <= least <= 100 or not 100 <= most <= 200:
            raise AwsError("InvalidParameterException", "Invalid minimumHealthyPercent or maximumPercent.")
        if least == most:
            said = "Rolling deployment requires maximumPercent to be greater than minimumHealthyPercent."
            raise AwsError("InvalidParameterException", said)
        return Rules(least, most, bool(breaker["enable"]), bool(breaker["rollback"]))

    def least(self, desired: int) -> int:
        """How many tasks have to stay healthy during a deployment."""
        return ceil(desired * self.minimum_healthy_percent / 100)

    def most(self, desired: int) -> int:
        """How many tasks there may be at once."""
        return desired * self.maximum_percent // 100

    def breaks(self, failed: int, desired: int) -> bool:
        """Whether so many failed tasks make the circuit breaker end a deployment."""
        return self.breaker and failed >= max(_FEWEST_FAILURES, min(_MOST_FAILURES, ceil(desired / 2)))

    def shown(self) -> dict[str, Any]:
        return {
            "deploymentCircuitBreaker": {"enable": self.breaker, "rollback": self.rollback},
            "maximumPercent": self.maximum_percent,
            "minimumHealthyPercent": self.minimum_healthy_percent,
        }


@dataclass(slots=True)
class Deployment:
    """One rollout of a definition; the first of a service's list is the one that it is going to."""

    id: str
    definition: TaskDefinition
    created: datetime
    updated: datetime
    rollout: str = "IN_PROGRESS"
    reason: str = ""
    """Why it is at that point, where that is not what every deployment says there."""
    failed: set[str] = field(default_factory=set)
    """The ids of its tasks that could not be started, ended by themselves or failed their checks."""

    @property
    def why(self) -> str:
        doing = "in progress" if self.rollout == "IN_PROGRESS" else self.rollout.lower()
        return self.reason or f"ECS deployment {self.id} {doing}."

    def become(self, rollout: str, reason: str = "") -> None:
        self.rollout, self.reason, self.updated = rollout, reason, datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class ServiceEvent:
    id: str
    at: datetime
    message: str


@dataclass(slots=True)
class ServiceState:
    """A service as the API shows it; changed under its scheduler's lock."""

    part: estate.Service
    arn: str
    cluster_arn: str
    created: datetime
    desired: int
    grace: int
    """healthCheckGracePeriodSeconds"""
    deployments: list[Deployment]
    rules: Rules = Rules()
    completed: TaskDefinition | None = None
    """What was last rolled out to the end."""
    tasks: list[EcsTask] = field(default_factory=list)
    events: deque[ServiceEvent] = field(default_factory=lambda: deque(maxlen=_KEPT_EVENTS))

    @property
    def running(self) -> int:
        return sum(1 for task in self.tasks if task.is_running)

    @property
    def pending(self) -> int:
        return sum(1 for task in self.tasks if task.wanted and not task.is_running)

    def of(self, deployment: Deployment) -> list[EcsTask]:
        """The tasks of a deployment that are not stopped."""
        return [task for task in self.tasks if task.deployment == deployment.id and task.last_status != "STOPPED"]

    def wanted(self, deployments: Iterable[Deployment]) -> list[EcsTask]:
        """The tasks of these deployments that are to run, the oldest deployment's last."""
        return [task for deployment in deployments for task in self.of(deployment) if task.wanted]

    def say(self, what: str) -> None:
        """Report an event, the newest first."""
        message = f"(service {self.part.service}) {what}"
        self.events.appendleft(ServiceEvent(str(uuid.uuid4()), datetime.now(UTC), message))


def deployment_of(definition: TaskDefinition) -> Deployment:
    """A new deployment of a definition."""
    now = datetime.now(UTC)
    number = f"{uuid.uuid4().int % 10**19:019d}"
    return Deployment(f"ecs-svc/{number}", definition, now, now)


def named(tasks: Iterable[EcsTask]) -> str:
    """Tasks as events name them."""
    return " ".join(f"(task {task.id})" for task in tasks)
