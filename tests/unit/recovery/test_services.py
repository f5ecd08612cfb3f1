"""Which tasks fail, and which revision is taken for good, by what ECS shows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from harness.aws import Aws
from harness.clock import FakeClock
from harness.errors import ProcedureFailed
from harness.estate import Role, load_estate
from harness.objectives import Objectives
from harness.recovery import services
from harness.recovery.procedure import Recovery
from harness.recovery.roll_back_release import RollBackRelease

ESTATE = load_estate(Path(__file__).parents[3] / "scenarios" / "labelmint.toml")
SERVICE = ESTATE.service(Role.APPLICATION)
ARN = "arn:aws:ecs:us-east-1:123456789012:task-definition/labelmintit-production-task"
ILL = "Task failed ELB health checks in (target-group arn:aws:x)"


def task(revision: int, address: str = "", **what: Any) -> dict[str, Any]:
    interfaces = [{"privateIpv4Address": address}] if address else []
    shown = {"startedAt": "then", "containers": [{"networkInterfaces": interfaces}], **what}
    return {"taskDefinitionArn": f"{ARN}:{revision}", "taskArn": f"{revision}/{address}", **shown}


REPLACED = {"stopCode": "ServiceSchedulerInitiated", "stoppedReason": "Scaling activity initiated by (deployment x)"}
CRASHED = {"stopCode": "EssentialContainerExited", "stoppedReason": "Essential container in task exited"}
SICK = {"stopCode": "ServiceSchedulerInitiated", "stoppedReason": ILL}


class FakeEcs:
    """A service at its newest revision; `images` are those of the revisions 1, 2, 3…"""

    def __init__(self, tasks: list[dict[str, Any]], images: tuple[str, ...] = ("a", "b", "c")) -> None:
        self.tasks = tasks
        self.images = images

    def get_paginator(self, _: str) -> Any:
        def paginate(desiredStatus: str, **_: str) -> Iterator[dict[str, Any]]:  # noqa: N803 - AWS's own name
            ended = desiredStatus == "STOPPED"
            yield {"taskArns": [t["taskArn"] for t in self.tasks if ("stopCode" in t) is ended]}

        return SimpleNamespace(paginate=paginate)

    def describe_tasks(self, cluster: str, tasks: list[str]) -> dict[str, Any]:
        return {"tasks": [one for one in self.tasks if one["taskArn"] in tasks]}

    def list_task_definitions(self, **_: str) -> dict[str, Any]:
        return {"taskDefinitionArns": [f"{ARN}:{number}" for number in range(len(self.images), 0, -1)]}

    def describe_task_definition(self, taskDefinition: str) -> dict[str, Any]:  # noqa: N803 - AWS's own name
        image = self.images[int(taskDefinition.rpartition(":")[2]) - 1]
        return {"taskDefinition": {"containerDefinitions": [{"image": image}]}}

    def describe_services(self, **_: Any) -> dict[str, Any]:
        return {"services": []}


def recovery(ecs: FakeEcs) -> Recovery:
    aws = cast(Aws, SimpleNamespace(ecs=lambda region: ecs))
    objectives = Objectives(timedelta(hours=4), timedelta(hours=1))
    return Recovery(aws, ESTATE, FakeClock(), log=lambda _: None, pace=0.0, objectives=objectives)


@pytest.mark.parametrize(
    ("seen", "good"),
    [
        ([task(1, "a", **REPLACED), task(2, "b", **REPLACED), task(3, "c")], 2),
        ([task(1, "a", **REPLACED), task(3, "c")], 1),
        ([task(1, "a", **REPLACED), task(2, "b", **CRASHED), task(3, "c")], 1),
        ([task(1, "a", **REPLACED), task(2, "b", **SICK), task(2, "d", **REPLACED), task(3, "c")], 1),
        ([task(1, "a", **REPLACED), task(2, "b", startedAt=None, **REPLACED), task(3, "c")], 1),
        ([task(3, "c")], 2),
        ([task(2, "b", **CRASHED), task(3, "c")], 1),
    ],
)
def test_the_newest_revision_that_served_is_the_good_one(seen: list[dict[str, Any]], good: int) -> None:
    """It ran until it was replaced; where nobody knows any more, it is the newest that is another release."""
    assert services.last_good(recovery(FakeEcs(seen)), SERVICE, f"{ARN}:3") == f"{ARN}:{good}"


def test_a_revision_of_the_same_release_is_no_other_one() -> None:
    ecs = FakeEcs([task(3, "c")], images=("a", "c", "c"))
    assert services.last_good(recovery(ecs), SERVICE, f"{ARN}:3") == f"{ARN}:1"


@pytest.mark.parametrize(("seen", "bad"), [([task(1, "a")], 1), ([task(1, "a", **CRASHED), task(2, "b")], 2)])
def test_where_nothing_ever_served_nothing_is_deployed(seen: list[dict[str, Any]], bad: int) -> None:
    with pytest.raises(ProcedureFailed, match="no revision before"):
        services.last_good(recovery(FakeEcs(seen)), SERVICE, f"{ARN}:{bad}")


def test_what_ended_badly_or_fails_its_checks_fails() -> None:
    tasks = cast(
        Any,
        [task(1, "well"), task(1, "ill"), task(1, "gone", **CRASHED), task(1, "old", **REPLACED), task(1, "", **SICK)],
    )
    found = services.failing(tasks, {"well": "healthy", "ill": "unhealthy", "another": "unhealthy"})
    assert [one["taskArn"] for one in found] == ["1/ill", "1/gone", "1/"]


def test_a_service_that_is_not_there_is_said_to_be_missing() -> None:
    with pytest.raises(ProcedureFailed, match="no active service labelmintit-production-service"):
        RollBackRelease().check_service(recovery(FakeEcs([])))
