"""One task of a service: a real process from PROVISIONING to STOPPED, and its place in the target group."""

from __future__ import annotations

import threading
import uuid
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from harness.aws_rules.durations import ECS_START_TASK
from harness.cloud.service import World
from harness.cloud.services.ecs.definitions import TaskDefinition
from harness.cloud.services.ecs.registry import release_of
from harness.cloud.services.ecs.secrets import CannotStart, TaskSettings
from harness.cloud.services.elbv2.balancers import DEREGISTRATION_DELAY, Balancer
from harness.errors import DrillError
from harness.facts import MachineEvent
from harness.machines.tasks import Task, TaskHost

_REST = 20
"""An address is given again only after this many others: a client may still know it by its old task."""
_STOP_TIMEOUT = timedelta(seconds=30)
"""Between SIGTERM and SIGKILL: what ECS gives a container that names no stopTimeout."""
_SHORTEST_STOP = timedelta(seconds=1)
"""Here a task drains at its machine's own speed, whatever the pace."""


@dataclass(slots=True)
class EcsTask:
    """What is known of a task; changed by its runner only, under the runner's lock."""

    id: str
    arn: str
    definition: TaskDefinition
    deployment: str
    created: datetime
    address: str = ""
    last_status: str = "PROVISIONING"
    desired_status: str = "RUNNING"
    started: datetime | None = None
    stopping: datetime | None = None
    stopped: datetime | None = None
    stop_code: str = ""
    stopped_reason: str = ""
    exit_code: int | None = None
    failed_checks: bool = False
    """It was stopped for failing the balancer's checks."""
    process: Task | None = field(default=None, repr=False)

    @property
    def wanted(self) -> bool:
        """It is to run: it does, or it is on its way."""
        return self.desired_status == "RUNNING" and self.last_status != "STOPPED"

    @property
    def is_running(self) -> bool:
        return self.last_status == "RUNNING"

    @property
    def failed(self) -> bool:
        """It ended as no task should: it could not be started, ended by itself, or failed its checks."""
        return self.failed_checks or self.stop_code in {"TaskFailedToStart", "EssentialContainerExited"}


class Addresses:
    """Addresses for a region's tasks, used again when they have rested."""

    def __init__(self, world: World, region: str) -> None:
        self._world = world
        self._zone = world.zone_of(region)
        self._lock = threading.Lock()
        self._resting: deque[str] = deque()

    def take(self) -> str:
        with self._lock:
            if len(self._resting) > _REST:
                return self._resting.popleft()
        return self._world.addresses.next(self._zone)

    def give_back(self, address: str) -> None:
        with self._lock:
            self._resting.append(address)


class TaskRunner:
    """Starts and stops the tasks of one service. `changed` is called after every change, without a lock held."""

    def __init__(
        self,
        world: World,
        region: str,
        *,
        host: TaskHost,
        settings: TaskSettings,
        addresses: Addresses,
        balancer: Balancer,
        changed: Callable[[], None],
    ) -> None:
        self._world = world
        self._region = region
        self._host = host
        self._settings = settings
        self._addresses = addresses
        self._balancer = balancer
        self._changed = changed
        self._lock = threading.Lock()

    def start(self, cluster: str, definition: TaskDefinition, deployment: str, *, at_once: bool) -> EcsTask:
        """Begin to start a task; it runs when ECS's time at the drill's pace has passed, or `at_once`."""
        task_id = uuid.uuid4().hex
        arn = f"arn:aws:ecs:{self._region}:{self._world.estate.account_id}:task/{cluster}/{task_id}"
        task = EcsTask(task_id, arn, definition, deployment, datetime.now(UTC))
        delay = timedelta(0) if at_once else ECS_START_TASK.usual
        self._world.pace.later(delay, f"start task {task_id}", lambda: self._launch(task))
        return task

    def stop(self, task: EcsTask, code: str, reason: str, *, failed: bool = False) -> None:
        """Take a task out of the target group, let it drain for the deregistration delay, then end it."""
        with self._lock:
            if not task.wanted:
                return
            task.failed_checks = failed
            task.desired_status, task.stop_code, task.stopped_reason = "STOPPED", code, reason
            task.stopping = datetime.now(UTC)
            if task.is_running:
                task.last_status = "DEACTIVATING"
        if task.address:
            self._balancer.deregister((task.address, self._balancer.target_port))
        delay = DEREGISTRATION_DELAY if task.process else timedelta(0)
        self._world.pace.later(delay, f"stop task {task.id}", lambda: self._end(task))
        self._changed()

    def is_healthy(self, task: EcsTask) -> bool:
        """It runs, and the balancer's checks say that it serves."""
        return task.is_running and self._balancer.is_healthy((task.address, self._balancer.target_port))

    def is_failing(self, task: EcsTask) -> bool:
        """It runs, and the balancer's checks say that it does not serve."""
        return task.is_running and self._balancer.is_failing((task.address, self._balancer.target_port))

    def failing_checks(self, task: EcsTask) -> tuple[str, int, str]:
        """In which target group a task fails its checks, at which port, and why."""
        port = self._balancer.target_port
        return self._balancer.group_arn, port, self._balancer.health((task.address, port)).description

    def _launch(self, task: EcsTask) -> None:
        try:
            with self._lock:
                if not task.wanted:
                    return
                task.last_status = "PENDING"
            image, account = task.definition.container["image"], self._world.estate.account_id
            release = release_of(image, account, self._world.is_reachable)
            environment = self._settings.resolve(task.definition, self._region)
            self._run(task, {**environment, "RELEASE": release})
        except CannotStart as error:
            self._stopped(task, "TaskFailedToStart", str(error), None)
        except DrillError as error:
            self._stopped(task, "TaskFailedToStart", f"CannotStartContainerError: {error.message}", None)
        self._changed()

    def _run(self, task: EcsTask, environment: Mapping[str, str]) -> None:
        resolver = self._world.resolver
        told = {
            **environment,
            "RESOLVER": f"{resolver[0]}:{resolver[1]}",
            "DNS_PACE": str(self._world.pace.factor),
        }
        address, port = self._addresses.take(), self._balancer.target_port
        log = self._world.workspace.log(f"task-{self._region}-{task.id}")
        process = self._host.run(task.id, told, address, port, log, on_exit=lambda code: self._exited(task, code))
        with self._lock:
            task.address, task.process = address, process
            ended = task.last_status == "STOPPED"
            wanted = task.wanted
            if wanted:
                task.last_status, task.started = "RUNNING", datetime.now(UTC)
        if wanted:
            self._world.record(MachineEvent(f"task {task.id}", "running", f"{address} {task.definition.name}"))
            self._balancer.register((address, port))
        elif not ended:
            process.stop(self._stop_timeout())

    def _end(self, task: EcsTask) -> None:
        with self._lock:
            process = task.process
        if process and process.is_running():
            process.stop(self._stop_timeout())
        elif not process:
            self._stopped(task, task.stop_code, task.stopped_reason, None)
            self._changed()

    def _stop_timeout(self) -> timedelta:
        return self._world.pace.scaled(_STOP_TIMEOUT, at_least=_SHORTEST_STOP)

    def _exited(self, task: EcsTask, code: int) -> None:
        """The process has ended; called from the host's thread, which is not to be held up."""
        self._world.pace.behind(f"task {task.id} ended", lambda: self._after_exit(task, code))

    def _after_exit(self, task: EcsTask, code: int) -> None:
        asked_to = task.desired_status == "STOPPED"
        code_of_stop = task.stop_code if asked_to else "EssentialContainerExited"
        reason = task.stopped_reason if asked_to else "Essential container in task exited"
        if task.address:
            self._balancer.deregister((task.address, self._balancer.target_port))
            self._addresses.give_back(task.address)
        self._stopped(task, code_of_stop, reason, 128 - code if code < 0 else code)
        self._changed()

    def _stopped(self, task: EcsTask, code: str, reason: str, exit_code: int | None) -> None:
        with self._lock:
            task.last_status = task.desired_status = "STOPPED"
            task.stop_code, task.stopped_reason, task.exit_code = code, reason, exit_code
            task.stopped = datetime.now(UTC)
        self._world.record(MachineEvent(f"task {task.id}", "stopped", reason))


class TaskHandle:
    """A running task for those who break it. Starting it again is ECS's work, which puts another in its place."""

    def __init__(self, task: EcsTask, process: Task) -> None:
        self.name = task.id
        self._process = process

    def kill(self) -> None:
        self._process.kill()

    def is_running(self) -> bool:
        return self._process.is_running()

    def start(self) -> None:
        """Nothing: the service has started another task already."""

    def pause(self) -> None:
        self._process.pause()

    def resume(self) -> None:
        self._process.resume()

    def is_paused(self) -> bool:
        return self._process.is_paused()
