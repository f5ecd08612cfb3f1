"""What ECS's service scheduler does: keeps the wanted number of tasks running, and rolls deployments out.

Figures are those of a new service: minimumHealthyPercent 100, maximumPercent 200, so new tasks come up beside the old
ones, and an old one goes only when a new one is healthy at the balancer. Tasks that run and fail the balancer's checks
are kept, as with the longest healthCheckGracePeriodSeconds that AWS allows.
"""

from __future__ import annotations

import threading
import time
import uuid
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from harness import estate
from harness.cloud.service import World
from harness.cloud.services.ecs.definitions import TaskDefinition
from harness.cloud.services.ecs.tasks import EcsTask, TaskRunner
from harness.facts import Problem

_TICK = 0.1
_MOST = 2
"""Tasks there may be at once, as a multiple of those wanted."""
_FIRST_PAUSE = timedelta(seconds=10)
_LONGEST_PAUSE = timedelta(minutes=10)
_SHORTEST_PAUSE = timedelta(milliseconds=200)
_KEPT_EVENTS = 100
_KEPT_STOPPED = timedelta(hours=1)
"""ECS shows stopped tasks for about an hour (Developer Guide, "Stopped tasks")."""


@dataclass(slots=True)
class Deployment:
    """One rollout of a definition; the first of a service's list is the one that it is going to."""

    id: str
    definition: TaskDefinition
    created: datetime
    updated: datetime
    rollout: str = "IN_PROGRESS"
    failed_tasks: int = 0


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
    deployments: list[Deployment]
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


class ServiceScheduler:
    """One service's reconciler, in a thread of its own. Thread-safe."""

    def __init__(self, world: World, part: estate.Service, definition: TaskDefinition) -> None:
        arn = f"arn:aws:ecs:{part.region}:{world.estate.account_id}"
        now = datetime.now(UTC)
        self.lock = threading.RLock()
        self.state = ServiceState(
            part,
            f"{arn}:service/{part.cluster}/{part.service}",
            f"{arn}:cluster/{part.cluster}",
            now,
            part.desired_count,
            [_deployment(definition)],
        )
        self.runner: TaskRunner | None = None
        self._world = world
        self._wake = threading.Event()
        self._closing = False
        self._suspended = False
        self._pause_until = 0.0
        self._failures = 0
        self._at_once = True
        self._steady = False
        self._thread = threading.Thread(target=self._reconcile_always, name=f"ecs {part.service}", daemon=True)

    def begin(self, runner: TaskRunner) -> None:
        """Begin to schedule; the first tasks are started without ECS's delay: the estate has run for long."""
        self.runner = runner
        self._thread.start()

    def end(self) -> None:
        self._closing = True
        self.wake()
        if self._thread.is_alive():
            self._thread.join()

    def wake(self) -> None:
        """Something has changed: look at once."""
        self._wake.set()

    def suspend(self) -> None:
        """Start and stop nothing: where it runs is out of reach."""
        with self.lock:
            self._suspended = True

    def is_suspended(self) -> bool:
        return self._suspended

    def go_on(self) -> None:
        """Look after the service again."""
        with self.lock:
            self._suspended = False
        self.wake()

    def update(self, desired: int | None, definition: TaskDefinition | None, *, force: bool) -> None:
        """What UpdateService asks for; another definition or `force` begins a new deployment."""
        with self.lock:
            self._failures, self._pause_until = 0, 0.0
            if desired is not None:
                self.state.desired = desired
            current = self.state.deployments[0]
            if force or (definition and definition.arn != current.definition.arn):
                self.state.deployments.insert(0, _deployment(definition or current.definition))
                self._steady = False
            current.updated = datetime.now(UTC)
        self.wake()

    def stop_task(self, task: EcsTask, reason: str) -> None:
        """What StopTask asks for; the service starts another one."""
        with self.lock:
            assert self.runner
            self.runner.stop(task, "UserInitiated", reason or "Task stopped by user")

    def is_serving(self) -> bool:
        """As many tasks as wanted run and are healthy at the balancer."""
        with self.lock:
            assert self.runner
            healthy = sum(1 for task in self.state.tasks if self.runner.is_healthy(task))
            return healthy >= self.state.desired

    def _reconcile_always(self) -> None:
        while not self._closing:
            self._wake.wait(_TICK)
            self._wake.clear()
            try:
                with self.lock:
                    if not self._closing and not self._suspended:
                        self._reconcile()
            except Exception as error:  # the boundary of a thread: recorded, and looked at again
                self._world.record(Problem(f"cloud: ecs {self.state.part.service}", f"{type(error).__name__}: {error}"))

    def _reconcile(self) -> None:
        state, current = self.state, self.state.deployments[0]
        assert self.runner
        self._note_failures(current)
        wanted = [task for task in state.of(current) if task.wanted]
        old = [task for d in state.deployments[1:] for task in state.of(d) if task.wanted]
        room = _MOST * state.desired - len(old) - len(wanted)
        missing = min(state.desired - len(wanted), room)
        if missing > 0 and time.monotonic() >= self._pause_until:
            self._start(current, missing)
        self._at_once = False
        healthy = [task for task in wanted if self.runner.is_healthy(task)]
        surplus = wanted[state.desired :]
        self._stop(surplus, current)
        self._stop(self._dispensable(old, len(healthy)), current)
        self._finish(current, healthy, old)
        self._forget()

    def _start(self, deployment: Deployment, count: int) -> None:
        assert self.runner
        part = self.state.part
        for _ in range(count):
            task = self.runner.start(part.cluster, deployment.definition, deployment.id, at_once=self._at_once)
            self.state.tasks.append(task)
        self._say(f"has started {count} tasks: {_named(self.state.tasks[-count:])}.")

    def _stop(self, tasks: list[EcsTask], deployment: Deployment) -> None:
        """Bring the current deployment down to the wanted number, the newest first."""
        assert self.runner
        for task in tasks:
            reason = f"Scaling activity initiated by (deployment {deployment.id})"
            self.runner.stop(task, "ServiceSchedulerInitiated", reason)
        if tasks:
            self._say(f"has stopped {len(tasks)} running tasks: {_named(tasks)}.")

    def _dispensable(self, old: list[EcsTask], healthy: int) -> list[EcsTask]:
        """Old tasks that may go: all once enough new ones are healthy, before that as many as are not needed."""
        assert self.runner
        if healthy >= self.state.desired:
            return old
        serving = [task for task in old if self.runner.is_healthy(task)]
        never_completed = {d.id for d in self.state.deployments[1:] if d.rollout != "COMPLETED"}
        failed = [task for task in old if task.deployment in never_completed and task not in serving]
        return failed + serving[: max(healthy + len(serving) - self.state.desired, 0)]

    def _finish(self, current: Deployment, healthy: list[EcsTask], old: list[EcsTask]) -> None:
        state = self.state
        if current.rollout == "IN_PROGRESS" and len(healthy) >= state.desired and not any(t.wanted for t in old):
            current.rollout, current.updated = "COMPLETED", datetime.now(UTC)
            self._say(f"(deployment {current.id}) deployment completed.")
        state.deployments[1:] = [d for d in state.deployments[1:] if state.of(d)]
        steady = len(state.deployments) == 1 and state.running == state.desired and current.rollout == "COMPLETED"
        if steady and not self._steady:
            self._say("has reached a steady state.")
        self._steady = steady

    def _note_failures(self, current: Deployment) -> None:
        """Tasks that cannot be started make ECS pause longer and longer before it tries again."""
        failed = [t for t in self.state.tasks if t.deployment == current.id and t.stop_code == "TaskFailedToStart"]
        new = len(failed) - current.failed_tasks
        if new <= 0:
            return
        current.failed_tasks = len(failed)
        self._failures += 1
        pause = min(_FIRST_PAUSE * 2 ** min(self._failures - 1, 8), _LONGEST_PAUSE)
        scaled = self._world.pace.scaled(pause, at_least=_SHORTEST_PAUSE)
        self._pause_until = time.monotonic() + scaled.total_seconds()
        self._say(f"was unable to place a task. Reason: {failed[-1].stopped_reason}.")
        if self._failures > 1:
            self._say("is unable to consistently start tasks successfully.")

    def _say(self, what: str) -> None:
        message = f"(service {self.state.part.service}) {what}"
        self.state.events.appendleft(ServiceEvent(str(uuid.uuid4()), datetime.now(UTC), message))

    def _forget(self) -> None:
        horizon = datetime.now(UTC) - _KEPT_STOPPED
        self.state.tasks = [task for task in self.state.tasks if not task.stopped or task.stopped > horizon]


def _deployment(definition: TaskDefinition) -> Deployment:
    now = datetime.now(UTC)
    number = f"{uuid.uuid4().int % 10**19:019d}"
    return Deployment(f"ecs-svc/{number}", definition, now, now)


def _named(tasks: list[EcsTask]) -> str:
    return " ".join(f"(task {task.id})" for task in tasks)
