"""Amazon ECS on Fargate: services whose tasks are real processes of the application, one warm parent a region."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from harness import estate
from harness.cloud.service import Answer, AwsError, Call, Host, Service, World, operation
from harness.cloud.services.ecs.definitions import TaskDefinitions, definition_of
from harness.cloud.services.ecs.outage import RegionTasks
from harness.cloud.services.ecs.releases import ServiceHandle
from harness.cloud.services.ecs.scheduler import ServiceScheduler
from harness.cloud.services.ecs.secrets import CannotStart, TaskSettings
from harness.cloud.services.ecs.shapes import shown_cluster, shown_service, shown_task
from harness.cloud.services.ecs.tasks import Addresses, EcsTask, TaskHandle, TaskRunner
from harness.cloud.services.ecs.updates import update_of
from harness.cloud.services.elbv2 import Elbv2
from harness.cloud.services.elbv2.balancers import Balancer
from harness.errors import EnvironmentFailed
from harness.estate import Role
from harness.machines.tasks import TaskHost
from harness.wait import until

_SERVES_WITHIN = timedelta(seconds=60)
_BETWEEN_CALLS = timedelta(milliseconds=100)


class Ecs(Service):
    """Clusters, services and task definitions of both regions."""

    name = "ecs"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        regions = sorted({part.region for part in world.estate.services})
        self._hosts = {region: TaskHost(region, world.spawner, world.workspace) for region in regions}
        for host in self._hosts.values():
            host.start()
        self._definitions = {region: TaskDefinitions(region, world.estate.account_id) for region in regions}
        self._addresses = {region: Addresses(world, region) for region in regions}
        self._settings = TaskSettings(world)
        self._schedulers = {part.role: self._scheduler(part) for part in world.estate.services}

    def raise_estate(self) -> None:
        """Start the wanted tasks as soon as their settings are there; returns when they serve."""
        self._settings.warm()
        until("the tasks' settings are there", self._can_start, within=_SERVES_WITHIN, every=_BETWEEN_CALLS)
        for scheduler in self._schedulers.values():
            self.world.neighbour(Elbv2).on_change(scheduler.wake)
            scheduler.begin(self._runner(scheduler))
        for scheduler in self._schedulers.values():
            until(f"{scheduler.state.part.service} serves", scheduler.is_serving, within=_SERVES_WITHIN)

    def close(self) -> None:
        for scheduler in self._schedulers.values():
            scheduler.end()

    def target(self, role: Role) -> ServiceHandle | None:
        scheduler = self._schedulers.get(role)
        return ServiceHandle(scheduler, self._definitions[scheduler.state.part.region]) if scheduler else None

    def tasks(self, role: Role) -> tuple[TaskHandle, ...]:
        """The running tasks of a service, for those who break them."""
        scheduler = self._schedulers[role]
        with scheduler.lock:
            return tuple(
                TaskHandle(task, task.process) for task in scheduler.state.tasks if task.process and task.is_running
            )

    def hosts(self, region: str) -> tuple[Host, ...]:
        if region not in self._hosts:
            return ()
        here = [scheduler for scheduler in self._schedulers.values() if scheduler.state.part.region == region]
        return (RegionTasks(self._hosts[region], here),)

    def host(self, region: str) -> TaskHost:
        """The parent of all tasks of a region."""
        return self._hosts[region]

    @operation("ListClusters")
    def list_clusters(self, call: Call) -> Answer:
        return {"clusterArns": sorted({scheduler.state.cluster_arn for scheduler in self._here(call)})}

    @operation("DescribeClusters")
    def describe_clusters(self, call: Call) -> Answer:
        found, failures = [], []
        for asked in call.params.get("clusters") or ["default"]:
            services = [s.state for s in self._here(call) if asked in (s.state.cluster_arn, s.state.part.cluster)]
            if services:
                found.append(shown_cluster(services[0].cluster_arn, services))
            else:
                failures.append({"arn": self._arn(call, "cluster", asked), "reason": "MISSING"})
        return {"clusters": found, "failures": failures}

    @operation("ListServices")
    def list_services(self, call: Call) -> Answer:
        return {"serviceArns": [scheduler.state.arn for scheduler in self._in_cluster(call)]}

    @operation("DescribeServices")
    def describe_services(self, call: Call) -> Answer:
        found, failures = [], []
        here = {name: s for s in self._in_cluster(call) for name in (s.state.arn, s.state.part.service)}
        for asked in call.params["services"]:
            if asked in here:
                found.append(self._shown(here[asked]))
            else:
                cluster = self._in_cluster(call)[0].state.part.cluster
                failures.append({"arn": self._arn(call, "service", f"{cluster}/{asked}"), "reason": "MISSING"})
        return {"services": found, "failures": failures}

    @operation("UpdateService")
    def update_service(self, call: Call) -> Answer:
        scheduler = self._service(call, call.params["service"])
        scheduler.update(update_of(call.params, scheduler.state.rules, self._definitions[call.region]))
        return {"service": self._shown(scheduler)}

    @operation("ListTasks")
    def list_tasks(self, call: Call) -> Answer:
        asked = call.params
        schedulers = [self._service(call, asked["serviceName"])] if asked.get("serviceName") else self._in_cluster(call)
        wanted = asked.get("desiredStatus") or "RUNNING"
        arns = [
            task.arn
            for _, task in self._tasks(schedulers)
            if task.desired_status == wanted and asked.get("family") in (None, task.definition.family)
        ]
        return {"taskArns": arns}

    @operation("DescribeTasks")
    def describe_tasks(self, call: Call) -> Answer:
        known = {name: (s, task) for s, task in self._tasks(self._in_cluster(call)) for name in (task.arn, task.id)}
        found, failures = [], []
        for asked in call.params["tasks"]:
            if asked in known:
                scheduler, task = known[asked]
                found.append(shown_task(task, scheduler.state, self._balancer(scheduler)))
            else:
                failures.append({"arn": self._arn(call, "task", asked), "reason": "MISSING"})
        return {"tasks": found, "failures": failures}

    @operation("StopTask")
    def stop_task(self, call: Call) -> Answer:
        for scheduler, task in self._tasks(self._in_cluster(call)):
            if call.params["task"] in (task.arn, task.id):
                scheduler.stop_task(task, call.params.get("reason") or "")
                return {"task": shown_task(task, scheduler.state, self._balancer(scheduler))}
        raise AwsError("InvalidParameterException", "The referenced task was not found.")

    @operation("RegisterTaskDefinition")
    def register_definition(self, call: Call) -> Answer:
        return {"taskDefinition": self._definitions_of(call).register(call.params).shown(), "tags": []}

    @operation("DescribeTaskDefinition")
    def describe_definition(self, call: Call) -> Answer:
        found = self._definitions_of(call).find(call.params["taskDefinition"])
        if found is None:
            raise AwsError("ClientException", "Unable to describe task definition.")
        return {"taskDefinition": found.shown(), "tags": []}

    @operation("ListTaskDefinitions")
    def list_definitions(self, call: Call) -> Answer:
        found = self._definitions_of(call).all(call.params.get("familyPrefix") or "")
        ordered = found if call.params.get("sort") != "DESC" else list(reversed(found))
        return {"taskDefinitionArns": [definition.arn for definition in ordered]}

    def _scheduler(self, part: estate.Service) -> ServiceScheduler:
        definition = self._definitions[part.region].register(definition_of(part, self.world.estate.account_id))
        return ServiceScheduler(self.world, part, definition)

    def _can_start(self) -> bool:
        try:
            for scheduler in self._schedulers.values():
                self._settings.resolve(scheduler.state.deployments[0].definition, scheduler.state.part.region)
            return bool(self.world.resolver)
        except (CannotStart, EnvironmentFailed):
            return False

    def _runner(self, scheduler: ServiceScheduler) -> TaskRunner:
        region = scheduler.state.part.region
        return TaskRunner(
            self.world,
            region,
            host=self._hosts[region],
            settings=self._settings,
            addresses=self._addresses[region],
            balancer=self._balancer(scheduler),
            changed=scheduler.wake,
        )

    def _balancer(self, scheduler: ServiceScheduler) -> Balancer:
        return self.world.neighbour(Elbv2).balancer(scheduler.state.part.balancer)

    def _shown(self, scheduler: ServiceScheduler) -> dict[str, Any]:
        with scheduler.lock:
            return shown_service(scheduler.state, self._balancer(scheduler))

    def _here(self, call: Call) -> list[ServiceScheduler]:
        return [s for s in self._schedulers.values() if s.state.part.region == call.region]

    def _in_cluster(self, call: Call) -> list[ServiceScheduler]:
        asked = call.params.get("cluster") or "default"
        found = [s for s in self._here(call) if asked in (s.state.cluster_arn, s.state.part.cluster)]
        if not found:
            raise AwsError("ClusterNotFoundException", "Cluster not found.")
        return found

    def _service(self, call: Call, asked: str) -> ServiceScheduler:
        for scheduler in self._in_cluster(call):
            if asked in (scheduler.state.arn, scheduler.state.part.service):
                return scheduler
        raise AwsError("ServiceNotFoundException", "Service not found.")

    @staticmethod
    def _tasks(schedulers: list[ServiceScheduler]) -> Iterator[tuple[ServiceScheduler, EcsTask]]:
        for scheduler in schedulers:
            with scheduler.lock:
                tasks = list(scheduler.state.tasks)
            for task in tasks:
                yield scheduler, task

    def _definitions_of(self, call: Call) -> TaskDefinitions:
        if call.region not in self._definitions:
            raise AwsError("NotImplemented", f"the estate has no ECS service in {call.region}", 501)
        return self._definitions[call.region]

    def _arn(self, call: Call, kind: str, name: str) -> str:
        return (
            name
            if name.startswith("arn:")
            else f"arn:aws:ecs:{call.region}:{self.world.estate.account_id}:{kind}/{name}"
        )
