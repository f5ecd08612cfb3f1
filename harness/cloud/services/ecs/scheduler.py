"""What ECS's service scheduler does: keeps the wanted number of tasks running, and rolls deployments out.

New tasks come up beside the old ones, as many as maximumPercent allows, and an old one goes only when
minimumHealthyPercent stays healthy at the balancer without it. A task that fails the balancer's checks after the grace
period is replaced: another is started first where there is room for one, and it goes once that one is healthy (ECS
Developer Guide, "Service tasks that fail health checks", and UpdateService in the API Reference).
"""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

from harness import estate
from harness.cloud.service import World
from harness.cloud.services.ecs.definitions import TaskDefinition
from harness.cloud.services.ecs.pauses import Pauses
from harness.cloud.services.ecs.state import (
    LONGEST_GRACE,
    Deployment,
    ServiceState,
    deployment_of,
    named,
)
from harness.cloud.services.ecs.tasks import EcsTask, TaskRunner
from harness.cloud.services.ecs.updates import Update
from harness.facts import Problem

_TICK = 0.1
_SHORTEST_GRACE = timedelta(seconds=2)
"""Here a task starts at its machine's own speed, whatever the pace: on a crowded host it answers no check at once."""
_KEPT_STOPPED = timedelta(hours=1)
"""ECS shows stopped tasks for about an hour (Developer Guide, "Stopped tasks")."""


class ServiceScheduler:
    """One service's reconciler, in a thread of its own. Thread-safe."""

    def __init__(self, world: World, part: estate.Service, definition: TaskDefinition) -> None:
        arn = f"arn:aws:ecs:{part.region}:{world.estate.account_id}"
        self.lock = threading.RLock()
        self.state = ServiceState(
            part,
            f"{arn}:service/{part.cluster}/{part.service}",
            f"{arn}:cluster/{part.cluster}",
            datetime.now(UTC),
            part.desired_count,
            part.health_check_grace_seconds,
            [deployment_of(definition)],
        )
        self.runner: TaskRunner | None = None
        self._world = world
        self._wake = threading.Event()
        self._closing = False
        self._suspended = False
        self._pauses = Pauses(world)
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

    def update(self, asked: Update) -> None:
        """Change what is asked for; another definition, or `force`, begins a new deployment."""
        with self.lock:
            self._pauses.end()
            state, current = self.state, self.state.deployments[0]
            state.desired = state.desired if asked.desired is None else asked.desired
            state.rules = asked.rules or state.rules
            state.grace = state.grace if asked.grace is None else asked.grace
            if asked.force or (asked.definition and asked.definition.arn != current.definition.arn):
                self._deploy(asked.definition or current.definition)
            current.updated = datetime.now(UTC)
        self.wake()

    def stop_task(self, task: EcsTask, reason: str) -> None:
        """What StopTask asks for; the service starts another one."""
        with self.lock:
            assert self.runner
            self.runner.stop(task, "UserInitiated", reason or "Task stopped by user")

    def is_serving(self) -> bool:
        """As many tasks as wanted run and are healthy at the balancer."""
        return self.healthy() >= self.state.desired

    def healthy(self) -> int:
        """How many tasks run and are healthy at the balancer."""
        with self.lock:
            assert self.runner
            return sum(1 for task in self.state.tasks if self.runner.is_healthy(task))

    def _deploy(self, definition: TaskDefinition) -> Deployment:
        self.state.deployments.insert(0, deployment_of(definition))
        self._steady = False
        return self.state.deployments[0]

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
        assert self.runner
        self._note_failures(self.state.deployments[0])
        state, current = self.state, self.state.deployments[0]
        wanted, old = state.wanted([current]), state.wanted(state.deployments[1:])
        healthy = [task for task in wanted if self.runner.is_healthy(task)]
        good = [task for task in wanted if not self._is_sick(task)]
        missing, room = state.desired - len(good), state.rules.most(state.desired) - len(old) - len(wanted)
        self._start(current, min(missing, room))
        self._at_once = False
        self._scale_in(good[max(state.desired, 0) :], current)
        self._stop_sick([task for task in wanted if task not in good], len(healthy), max(missing - max(room, 0), 0))
        self._scale_in(self._dispensable(old, len(healthy)), current)
        self._finish(current, healthy, old)
        horizon = datetime.now(UTC) - _KEPT_STOPPED
        state.tasks = [task for task in state.tasks if not task.stopped or task.stopped > horizon]

    def _is_sick(self, task: EcsTask) -> bool:
        """It fails the balancer's checks, and its grace period is over."""
        assert self.runner
        if self.state.grace >= LONGEST_GRACE or not self.runner.is_failing(task) or task.started is None:
            return False
        grace = self._world.pace.scaled(timedelta(seconds=self.state.grace), at_least=_SHORTEST_GRACE)
        return datetime.now(UTC) - task.started >= grace

    def _start(self, deployment: Deployment, count: int) -> None:
        assert self.runner
        if count <= 0 or deployment.rollout == "FAILED" or self._pauses.last():
            return
        cluster, at_once = self.state.part.cluster, self._at_once
        new = [self.runner.start(cluster, deployment.definition, deployment.id, at_once=at_once) for _ in range(count)]
        self.state.tasks.extend(new)
        self.state.say(f"has started {count} tasks: {named(new)}.")

    def _scale_in(self, tasks: list[EcsTask], deployment: Deployment) -> None:
        """Stop tasks that are too many."""
        assert self.runner
        for task in tasks:
            reason = f"Scaling activity initiated by (deployment {deployment.id})"
            self.runner.stop(task, "ServiceSchedulerInitiated", reason)
        if tasks:
            self.state.say(f"has stopped {len(tasks)} running tasks: {named(tasks)}.")

    def _stop_sick(self, sick: list[EcsTask], healthy: int, crowded: int) -> None:
        """Stop those for which a healthy one stands, and those that leave no room for another; the oldest first."""
        assert self.runner
        replaced = max(healthy + len(sick) - self.state.desired, 0)
        for task in sick[: max(replaced, crowded)]:
            group, port, why = self.runner.failing_checks(task)
            self.state.say(f"(port {port}) is unhealthy in (target-group {group}) due to (reason {why}).")
            reason = f"Task failed ELB health checks in (target-group {group})"
            self.runner.stop(task, "ServiceSchedulerInitiated", reason, failed=True)

    def _dispensable(self, old: list[EcsTask], healthy: int) -> list[EcsTask]:
        """Old tasks that may go: all once enough new ones are healthy, before that what is not needed or is no use."""
        assert self.runner
        if healthy >= self.state.desired:
            return old
        serving = [task for task in old if self.runner.is_healthy(task)]
        never_completed = {d.id for d in self.state.deployments[1:] if d.rollout != "COMPLETED"}
        useless = [
            task
            for task in old
            if task not in serving
            and (task.deployment in never_completed or not task.is_running or self._is_sick(task))
        ]
        least = self.state.rules.least(self.state.desired)
        return useless + serving[: max(healthy + len(serving) - least, 0)]

    def _finish(self, current: Deployment, healthy: list[EcsTask], old: list[EcsTask]) -> None:
        state = self.state
        if current.rollout == "IN_PROGRESS" and len(healthy) >= state.desired and not any(t.wanted for t in old):
            current.become("COMPLETED")
            state.completed = current.definition
            state.say(f"(deployment {current.id}) deployment completed.")
        state.deployments[1:] = [d for d in state.deployments[1:] if state.of(d)]
        steady = len(state.deployments) == 1 and state.running == state.desired and current.rollout == "COMPLETED"
        if steady and not self._steady:
            state.say("has reached a steady state.")
        self._steady = steady

    def _note_failures(self, current: Deployment) -> None:
        """Tasks that cannot be started make ECS pause longer and longer; too many failures may end a deployment."""
        new = [t for t in self.state.tasks if t.deployment == current.id and t.failed and t.id not in current.failed]
        current.failed |= {task.id for task in new}
        if unplaced := [task for task in new if task.stop_code == "TaskFailedToStart"]:
            self._pauses.begin(self.state, unplaced[-1].stopped_reason)
        if current.rollout == "IN_PROGRESS" and self.state.rules.breaks(len(current.failed), self.state.desired):
            self._break(current)

    def _break(self, current: Deployment) -> None:
        """The circuit breaker: the deployment has failed; where that is set, what was completed last comes back."""
        self.state.say(f"(deployment {current.id}) deployment failed: tasks failed to start.")
        current.become("FAILED", "ECS deployment circuit breaker: tasks failed to start.")
        good = self.state.completed
        if self.state.rules.rollback and good is not None and good.arn != current.definition.arn:
            back = self._deploy(good)
            back.reason = f"ECS deployment circuit breaker: rolling back to deploymentId {back.id}."
            self.state.say(f"rolling back to (deployment {back.id}).")
            self._pauses.end()
