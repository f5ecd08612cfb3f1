"""How ECS rolls out, replaces and gives up, by the settings of a service; and what it starts a task from."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from harness.capabilities import RunsReleases
from harness.cloud.service import AwsError
from harness.cloud.services.ecs import Ecs, scheduler
from harness.estate import Role
from harness.wait import until
from tests.contract.ecs import (
    FAMILY,
    SOON,
    a_world,
    count,
    described,
    is_complete,
    is_stable,
    raised,
    stand_in,
    tasks,
    told_to,
    update,
)
from tests.contract.world import FakeHost, TinyWorld, call

ILL = {"ill": 503}


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[TinyWorld]:
    stand_in(monkeypatch)
    monkeypatch.setattr(scheduler, "_SHORTEST_GRACE", timedelta(seconds=0.2))
    with a_world() as made:
        yield made


@pytest.fixture
def ecs(world: TinyWorld) -> Ecs:
    return raised(world)


def revised(ecs: Ecs, *, tag: str = "1", database: str = "first") -> str:
    """A further revision, of that release, whose tasks are told of that database."""
    first = call(ecs, "DescribeTaskDefinition", taskDefinition=f"{FAMILY}:1")["taskDefinition"]
    [container] = first["containerDefinitions"]
    image = f"{container['image'].rpartition(':')[0]}:{tag}"
    settings = [{"name": "DATABASE_HOST", "value": database}]
    changed = {**container, "image": image, "environment": settings}
    made = call(ecs, "RegisterTaskDefinition", family=FAMILY, containerDefinitions=[changed])["taskDefinition"]
    return str(made["taskDefinitionArn"])


def said(ecs: Ecs, words: str) -> bool:
    return any(words in event["message"] for event in described(ecs)["events"])


def test_a_task_that_fails_its_checks_is_replaced_once_its_grace_period_is_over(ecs: Ecs, world: TinyWorld) -> None:
    """The other one comes first; the failing one says why it was stopped, and so does the service."""
    update(ecs, healthCheckGracePeriodSeconds=60)
    host = ecs.host("us-east-1")
    assert isinstance(host, FakeHost)
    victim = host.tasks[0]
    victim.backend.status = 500
    until("it is stopped", lambda: tasks(ecs, "STOPPED"), within=SOON)
    [stopped] = tasks(ecs, "STOPPED")

    assert stopped["taskArn"].endswith(victim.name)
    assert stopped["stopCode"] == "ServiceSchedulerInitiated"
    assert stopped["stoppedReason"].startswith("Task failed ELB health checks in (target-group arn:aws:elastic")
    assert said(ecs, "is unhealthy in (target-group")
    assert count(world) >= 2, "the replacement was healthy before the failing one went"
    until("two serve", lambda: is_stable(ecs) and count(world) == 2, within=SOON)


def test_with_the_longest_grace_period_what_fails_is_kept(ecs: Ecs, world: TinyWorld) -> None:
    before = {task["taskArn"] for task in tasks(ecs)}
    host = ecs.host("us-east-1")
    assert isinstance(host, FakeHost)
    host.tasks[0].backend.status = 500
    until("it fails", lambda: count(world, "unhealthy") == 1, within=SOON)
    update(ecs, desiredCount=3)
    until("a third serves", lambda: count(world) == 2 and len(tasks(ecs)) == 3, within=SOON)

    assert before < {task["taskArn"] for task in tasks(ecs)}


def test_tasks_that_never_pass_are_replaced_by_others_without_end_and_never_too_many(ecs: Ecs) -> None:
    FakeHost.status = ILL
    most = []

    def three_failed() -> bool:
        running = described(ecs)["runningCount"]
        most.append(running)
        return bool(described(ecs)["deployments"][0]["failedTasks"] >= 3)

    update(ecs, taskDefinition=revised(ecs, database="ill"), healthCheckGracePeriodSeconds=1)
    until("three failed", three_failed, within=SOON)
    assert max(most) <= 4
    assert described(ecs)["deployments"][0]["rolloutState"] == "IN_PROGRESS"
    assert not is_stable(ecs)


def test_without_room_for_more_a_deployment_goes_on_as_far_as_may_be_missing(ecs: Ecs) -> None:
    """50 and 100 percent of two: one of the old ones goes before one of the new ones comes."""
    update(ecs, deploymentConfiguration={"minimumHealthyPercent": 50, "maximumPercent": 100})
    before, most = len(described(ecs)["events"]), []

    def done() -> bool:
        most.append(len(tasks(ecs)))
        return is_complete(ecs)

    update(ecs, forceNewDeployment=True)
    until("complete", done, within=SOON)
    assert max(most) <= 2
    messages = [event["message"] for event in reversed(described(ecs)["events"])][before:]
    steps = [words for words in messages if "has started" in words or "has stopped" in words]
    assert ["stopped 1 running" in words for words in steps] == [True, False, True, False]
    assert ["started 1 tasks" in words for words in steps] == [False, True, False, True]


def test_the_circuit_breaker_ends_a_deployment_and_what_was_there_before_comes_back(ecs: Ecs) -> None:
    good = described(ecs)["taskDefinition"]
    bad = revised(ecs, tag="none")
    until("the first is complete", lambda: is_complete(ecs), within=SOON)
    breaker = {"deploymentCircuitBreaker": {"enable": True, "rollback": True}}
    update(ecs, taskDefinition=bad, deploymentConfiguration=breaker)
    until("rolled back", lambda: described(ecs)["taskDefinition"] == good and is_complete(ecs), within=SOON)

    assert said(ecs, "deployment failed: tasks failed to start.")
    assert said(ecs, "rolling back to (deployment ecs-svc/")


def test_without_rollback_the_failed_deployment_stays_and_starts_nothing_more(ecs: Ecs) -> None:
    breaker = {"deploymentCircuitBreaker": {"enable": True, "rollback": False}}
    update(ecs, taskDefinition=revised(ecs, tag="none"), deploymentConfiguration=breaker)
    until("failed", lambda: described(ecs)["deployments"][0]["rolloutState"] == "FAILED", within=SOON)

    assert described(ecs)["deployments"][0]["failedTasks"] >= 3
    assert described(ecs)["runningCount"] == 2
    assert not is_stable(ecs)


def test_an_image_that_the_registry_does_not_hold_is_never_started(ecs: Ecs, world: TinyWorld) -> None:
    update(ecs, taskDefinition=revised(ecs, tag="none"))
    until("it failed", lambda: tasks(ecs, "STOPPED"), within=SOON)
    failed = tasks(ecs, "STOPPED")[0]

    assert failed["stopCode"] == "TaskFailedToStart"
    assert failed["stoppedReason"].startswith("CannotPullContainerError: ")
    assert failed["stoppedReason"].endswith("/labelmint:none: not found")
    assert told_to(world)["RELEASE"] == "1"


def test_an_image_is_a_release_of_the_application(ecs: Ecs, world: TinyWorld) -> None:
    update(ecs, taskDefinition=revised(ecs, tag="2"))
    until("complete", lambda: is_complete(ecs), within=SOON)
    assert told_to(world)["RELEASE"] == "2"


def test_six_tasks_are_six_processes_each_registered(ecs: Ecs, world: TinyWorld) -> None:
    update(ecs, desiredCount=6)
    until("six serve", lambda: is_stable(ecs) and count(world) == 6, within=SOON)
    assert len({task["containers"][0]["networkInterfaces"][0]["privateIpv4Address"] for task in tasks(ecs)}) == 6


def test_somebody_deploys_another_release_and_it_is_taken_back(ecs: Ecs) -> None:
    """What a fault does: another revision, beside those that are there, and back to the one before."""
    before = described(ecs)["taskDefinition"]
    target = ecs.target(Role.APPLICATION)
    assert isinstance(target, RunsReleases)
    target.deploy_release("2")
    assert target.release() == "2"
    assert described(ecs)["taskDefinition"] == f"{before.rpartition(':')[0]}:2"
    until("complete", lambda: is_complete(ecs), within=SOON)
    assert target.is_answering()
    target.take_release_back()
    target.take_release_back()
    assert (target.release(), described(ecs)["taskDefinition"]) == ("1", before)


def test_what_has_no_tasks_cannot_be_struck(ecs: Ecs) -> None:
    assert ecs.target(Role.PRIMARY_DATABASE) is None


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"capacityProviderStrategy": []}, "NotImplemented"),
        ({"deploymentConfiguration": {"alarms": {}}}, "NotImplemented"),
        ({"deploymentConfiguration": {"minimumHealthyPercent": 101}}, "InvalidParameterException"),
        (
            {"deploymentConfiguration": {"minimumHealthyPercent": 100, "maximumPercent": 100}},
            "InvalidParameterException",
        ),
        ({"healthCheckGracePeriodSeconds": -1}, "InvalidParameterException"),
    ],
)
def test_what_cannot_be_kept_is_refused(ecs: Ecs, asked: dict[str, Any], code: str) -> None:
    with pytest.raises(AwsError) as refused:
        update(ecs, **asked)
    assert refused.value.code == code
