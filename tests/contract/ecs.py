"""One ECS service behind a balancer, with tasks that are threads of ours, and what to ask it."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest

from harness.cloud.services.ecs import Ecs
from harness.cloud.services.ecs import service as ecs_module
from harness.cloud.services.ecs.definitions import TaskDefinition
from harness.cloud.services.ecs.secrets import CannotStart, TaskSettings
from harness.cloud.services.elbv2 import Elbv2
from harness.estate import Role
from tests.contract.world import FakeHost, TinyWorld, call

SOON = timedelta(seconds=15)
CLUSTER = "labelmintit-production-cluster"
SERVICE = "labelmintit-production-service"
FAMILY = "labelmintit-production-task"


class Store:
    """What SSM would say: the database's address, by region."""

    def __init__(self) -> None:
        self.host = "first"
        self.missing = ""

    def resolve(self, definition: TaskDefinition, region: str) -> dict[str, str]:
        if self.missing:
            raise CannotStart(self.missing)
        plain = {pair["name"]: pair["value"] for pair in definition.container["environment"]}
        return {"DATABASE_HOST": self.host, **plain}


def stand_in(monkeypatch: pytest.MonkeyPatch) -> Store:
    """Let tasks be threads that know what the store says."""
    made = Store()
    monkeypatch.setattr(TaskSettings, "warm", lambda _: None)
    monkeypatch.setattr(TaskSettings, "resolve", lambda _, *asked: made.resolve(*asked))
    monkeypatch.setattr(ecs_module, "TaskHost", FakeHost)
    monkeypatch.setattr(FakeHost, "status", {})
    return made


def raised(world: TinyWorld) -> Ecs:
    balancers = world.add(Elbv2)
    service = world.add(Ecs)
    balancers.raise_estate()
    service.raise_estate()
    return service


@contextmanager
def a_world(*, pace: float = 0.0) -> Iterator[TinyWorld]:
    """Closed at the end with its tasks."""
    world = TinyWorld(pace=pace)
    try:
        yield world
    finally:
        world.close()
        for region in ("us-east-1", "us-west-2"):
            world.neighbour(Ecs).host(region).kill()


def described(ecs: Ecs, region: str = "us-east-1", cluster: str = CLUSTER, service: str = SERVICE) -> dict[str, Any]:
    [found] = call(ecs, "DescribeServices", region, cluster=cluster, services=[service])["services"]
    return dict(found)


def tasks(ecs: Ecs, status: str = "RUNNING") -> list[dict[str, Any]]:
    arns = call(ecs, "ListTasks", cluster=CLUSTER, serviceName=SERVICE, desiredStatus=status)["taskArns"]
    found: list[dict[str, Any]] = call(ecs, "DescribeTasks", cluster=CLUSTER, tasks=arns)["tasks"]
    return found


def update(ecs: Ecs, **what: Any) -> dict[str, Any]:
    answer: dict[str, Any] = call(ecs, "UpdateService", cluster=CLUSTER, service=SERVICE, **what)["service"]
    return answer


def is_stable(ecs: Ecs) -> bool:
    """The condition of botocore's waiter ServicesStable."""
    found = described(ecs)
    return len(found["deployments"]) == 1 and found["runningCount"] == found["desiredCount"]


def is_complete(ecs: Ecs) -> bool:
    return is_stable(ecs) and described(ecs)["deployments"][0]["rolloutState"] == "COMPLETED"


def told_to(world: TinyWorld) -> dict[str, str]:
    """The settings of a task behind the balancer."""
    machine = world.neighbour(Elbv2).machine(Role.BALANCER)
    with urllib.request.urlopen(f"http://{machine.address}:{machine.port}/", timeout=5) as answer:
        return dict(json.load(answer))


def count(world: TinyWorld, state: str = "healthy") -> int:
    return world.neighbour(Elbv2).balancer(Role.BALANCER).count(state)
