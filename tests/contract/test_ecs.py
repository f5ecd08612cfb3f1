"""Amazon ECS as AWS answers, with tasks that run.

What bare moto 5.2.5 does instead: no task is ever scheduled, ListTasks is empty for ever; a forced deployment stays
IN_PROGRESS with nothing running; desired-count 6 shows running 6 at once, with no task, and the waiter ServicesStable
believes it; StopTask is an internal error in a cluster that had no task.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from harness.capabilities import Killable
from harness.cloud.service import AwsError
from harness.cloud.services.ecs import Ecs
from harness.cloud.services.elbv2 import Elbv2
from harness.estate import Role
from harness.wait import until
from tests.contract.ecs import (
    CLUSTER,
    FAMILY,
    SERVICE,
    SOON,
    Store,
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

DR_CLUSTER = "labelmintit-production-dr-cluster"
DR_SERVICE = "labelmintit-production-dr-service"


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Store:
    return stand_in(monkeypatch)


@pytest.fixture
def world(store: Store) -> Iterator[TinyWorld]:
    with a_world() as made:
        yield made


@pytest.fixture
def ecs(world: TinyWorld) -> Ecs:
    return raised(world)


def served(world: TinyWorld) -> str:
    """The database that a task behind the balancer was told of."""
    return told_to(world)["DATABASE_HOST"]


def test_the_estate_comes_up_serving(ecs: Ecs, world: TinyWorld) -> None:
    """Two tasks in the primary region, none in DR; both are registered by address and port, and healthy."""
    found = described(ecs)
    assert (found["desiredCount"], found["runningCount"], found["pendingCount"]) == (2, 2, 0)
    assert found["status"] == "ACTIVE"
    until("complete", lambda: is_complete(ecs), within=SOON)
    assert {task["lastStatus"] for task in tasks(ecs)} == {"RUNNING"}
    assert (count(world), served(world)) == (2, "first")
    dr = described(ecs, "us-west-2", DR_CLUSTER, DR_SERVICE)
    assert (dr["desiredCount"], dr["runningCount"]) == (0, 0)


def test_what_is_unknown(ecs: Ecs) -> None:
    unknown: list[tuple[str, dict[str, Any], str]] = [
        ("DescribeServices", {"cluster": "none", "services": [SERVICE]}, "ClusterNotFoundException"),
        ("DescribeServices", {"services": [SERVICE]}, "ClusterNotFoundException"),
        ("ListTasks", {"cluster": CLUSTER, "serviceName": "none"}, "ServiceNotFoundException"),
        ("UpdateService", {"cluster": CLUSTER, "service": "none"}, "ServiceNotFoundException"),
        ("UpdateService", {"cluster": CLUSTER, "service": SERVICE, "taskDefinition": "x:9"}, "ClientException"),
        ("UpdateService", {"cluster": CLUSTER, "service": SERVICE, "desiredCount": -1}, "InvalidParameterException"),
        ("DescribeTaskDefinition", {"taskDefinition": "none"}, "ClientException"),
        ("RegisterTaskDefinition", {"family": "x", "containerDefinitions": []}, "ClientException"),
        ("StopTask", {"cluster": CLUSTER, "task": "none"}, "InvalidParameterException"),
    ]
    for operation, params, expected in unknown:
        with pytest.raises(AwsError) as refused:
            call(ecs, operation, **params)
        assert refused.value.code == expected, operation
    missing = call(ecs, "DescribeServices", cluster=CLUSTER, services=["none"])["failures"]
    assert [one["reason"] for one in missing] == ["MISSING"]
    assert call(ecs, "DescribeTasks", cluster=CLUSTER, tasks=["none"])["failures"][0]["reason"] == "MISSING"
    assert call(ecs, "DescribeClusters", clusters=["none"])["failures"][0]["reason"] == "MISSING"


def test_clusters_are_regional(ecs: Ecs) -> None:
    [east] = call(ecs, "ListClusters")["clusterArns"]
    [cluster] = call(ecs, "DescribeClusters", clusters=[east])["clusters"]

    assert east.endswith(f":cluster/{CLUSTER}")
    assert (cluster["runningTasksCount"], cluster["activeServicesCount"]) == (2, 1)
    assert call(ecs, "ListClusters", "us-west-2")["clusterArns"] != [east]
    assert call(ecs, "ListServices", cluster=east)["serviceArns"] == [described(ecs)["serviceArn"]]


def test_a_new_configuration_needs_a_new_deployment(ecs: Ecs, world: TinyWorld, store: Store) -> None:
    """The running tasks keep what they were started with, however SSM changes; the new ones have the new."""
    store.host = "second"
    before = {task["taskArn"] for task in tasks(ecs)}
    assert served(world) == "first"
    answer = update(ecs, forceNewDeployment=True)

    assert [one["status"] for one in answer["deployments"]] == ["PRIMARY", "ACTIVE"]
    assert answer["deployments"][0]["rolloutState"] == "IN_PROGRESS"
    until("complete", lambda: is_complete(ecs), within=SOON)
    assert served(world) == "second"
    assert not before & {task["taskArn"] for task in tasks(ecs)}


def test_a_deployment_never_leaves_the_balancer_without_a_healthy_target(ecs: Ecs, world: TinyWorld) -> None:
    """minimumHealthyPercent is 100: the old tasks go when the new ones are healthy."""
    least = []

    def done() -> bool:
        served(world)
        least.append(count(world))
        return is_complete(ecs)

    update(ecs, forceNewDeployment=True)
    until("complete", done, within=SOON)
    assert min(least) >= 2


def test_a_deployment_of_tasks_that_are_never_healthy_is_not_complete(ecs: Ecs, world: TinyWorld, store: Store) -> None:
    """The old tasks stay, ServicesStable keeps waiting, and a further deployment mends it."""
    FakeHost.status = {"broken": 503}
    store.host = "broken"
    update(ecs, forceNewDeployment=True)
    until("the new ones run", lambda: described(ecs)["runningCount"] == 4, within=SOON)
    until("they are ill", lambda: count(world, "unhealthy") == 2, within=SOON)

    assert not is_stable(ecs)
    assert described(ecs)["deployments"][0]["rolloutState"] == "IN_PROGRESS"
    assert served(world) == "first"
    store.host = "mended"
    update(ecs, forceNewDeployment=True)
    until("complete", lambda: is_complete(ecs), within=SOON)
    assert served(world) == "mended"


def test_a_task_that_dies_is_replaced_and_says_why(ecs: Ecs, world: TinyWorld) -> None:
    victim = ecs.tasks(Role.APPLICATION)[0]
    assert isinstance(victim, Killable)
    victim.kill()
    until("it is seen", lambda: tasks(ecs, "STOPPED"), within=SOON)
    [stopped] = tasks(ecs, "STOPPED")

    assert stopped["taskArn"].endswith(victim.name)
    assert stopped["stopCode"] == "EssentialContainerExited"
    assert stopped["stoppedReason"] == "Essential container in task exited"
    assert stopped["containers"][0]["exitCode"] == 137
    until("another serves", lambda: is_stable(ecs) and count(world) == 2, within=SOON)
    assert not victim.is_running()


def test_scaling_is_real(ecs: Ecs, world: TinyWorld) -> None:
    """Running follows what runs, up and down; the deployment stays what it was."""
    answer = update(ecs, desiredCount=4)
    assert (answer["desiredCount"], answer["runningCount"]) == (4, 2)
    assert len(answer["deployments"]) == 1
    until("four serve", lambda: is_stable(ecs) and count(world) == 4, within=SOON)
    update(ecs, desiredCount=1)
    until("one serves", lambda: is_stable(ecs) and count(world) == 1, within=SOON)
    assert len(tasks(ecs)) == 1
    assert any("has reached a steady state" in event["message"] for event in described(ecs)["events"])


def test_the_dr_service_can_be_woken(ecs: Ecs, world: TinyWorld) -> None:
    call(ecs, "UpdateService", "us-west-2", cluster=DR_CLUSTER, service=DR_SERVICE, desiredCount=3)
    balancers = world.neighbour(Elbv2)
    until("DR serves", lambda: balancers.balancer(Role.DR_BALANCER).count("healthy") == 3, within=SOON)

    assert balancers.is_healthy(balancers.dns_name(Role.DR_BALANCER))
    assert all(task.is_running() for task in ecs.tasks(Role.DR_APPLICATION))


def test_a_task_without_its_settings_is_stopped_with_awss_reason(ecs: Ecs, store: Store) -> None:
    """And ECS tries again more and more slowly, until the settings are there."""
    store.missing = "ResourceInitializationError: unable to pull secrets or registry auth: invalid ssm parameters: /x"
    update(ecs, forceNewDeployment=True)
    until("it failed", lambda: described(ecs)["deployments"][0]["failedTasks"] >= 2, within=SOON)
    failed = tasks(ecs, "STOPPED")[0]

    assert (failed["stopCode"], failed["stoppedReason"]) == ("TaskFailedToStart", store.missing)
    assert "startedAt" not in failed
    assert not is_stable(ecs)
    assert described(ecs)["runningCount"] == 2
    store.missing = ""
    until("complete", lambda: is_complete(ecs), within=SOON)


def test_a_container_that_cannot_start(ecs: Ecs) -> None:
    host = ecs.host("us-east-1")
    assert isinstance(host, FakeHost)
    host.fail = "the address cannot be used"
    update(ecs, forceNewDeployment=True)
    until("it failed", lambda: tasks(ecs, "STOPPED"), within=SOON)

    assert tasks(ecs, "STOPPED")[0]["stoppedReason"] == "CannotStartContainerError: the address cannot be used"
    host.fail = ""


def test_stop_task_stops_that_task_and_another_comes(ecs: Ecs, world: TinyWorld) -> None:
    victim = tasks(ecs)[0]["taskArn"]
    answer = call(ecs, "StopTask", cluster=CLUSTER, task=victim, reason="a drill")["task"]
    assert answer["desiredStatus"] == "STOPPED"
    until("it is stopped", lambda: victim in {task["taskArn"] for task in tasks(ecs, "STOPPED")}, within=SOON)
    until("another serves", lambda: is_stable(ecs) and count(world) == 2, within=SOON)
    [stopped] = [task for task in tasks(ecs, "STOPPED") if task["taskArn"] == victim]

    assert (stopped["stopCode"], stopped["stoppedReason"]) == ("UserInitiated", "a drill")


def test_definitions_are_revised_and_deployed(ecs: Ecs, world: TinyWorld) -> None:
    """A new revision changes nothing until a service is updated to it."""
    first = call(ecs, "DescribeTaskDefinition", taskDefinition=FAMILY)["taskDefinition"]
    container = {**first["containerDefinitions"][0], "environment": [{"name": "DATABASE_HOST", "value": "written"}]}
    second = call(ecs, "RegisterTaskDefinition", family=FAMILY, containerDefinitions=[container])["taskDefinition"]
    assert (first["revision"], second["revision"]) == (1, 2)
    assert call(ecs, "ListTaskDefinitions", familyPrefix=FAMILY, sort="DESC")["taskDefinitionArns"] == [
        second["taskDefinitionArn"],
        first["taskDefinitionArn"],
    ]
    assert served(world) == "first"
    update(ecs, taskDefinition=f"{FAMILY}:2")
    until("complete", lambda: is_complete(ecs), within=SOON)

    assert served(world) == "written"
    assert described(ecs)["taskDefinition"] == second["taskDefinitionArn"]
    update(ecs, taskDefinition=FAMILY)
    assert len(described(ecs)["deployments"]) == 1


def test_a_task_takes_ecss_time_to_start(store: Store) -> None:
    """45 s of Fargate at pace 0.01 are 0.45 s: until then it is provisioning, and the service is not stable."""
    with a_world(pace=0.01) as world:
        ecs = raised(world)
        update(ecs, desiredCount=3)
        until("it is asked for", lambda: len(tasks(ecs)) == 3, within=SOON)
        assert sorted(task["lastStatus"] for task in tasks(ecs)) == ["PROVISIONING", "RUNNING", "RUNNING"]
        assert (described(ecs)["runningCount"], described(ecs)["pendingCount"]) == (2, 1)
        assert not is_stable(ecs)
        until("it runs", lambda: is_stable(ecs), within=SOON)
