"""Application layer failover, scenario 1: the tasks of a service fail; the release that served is brought back."""

from __future__ import annotations

from dataclasses import dataclass

from harness.aws_rules.durations import ECS_START_TASK
from harness.errors import NeverHappened, ProcedureFailed
from harness.estate import Role
from harness.facts import Part
from harness.recovery import services
from harness.recovery.procedure import Recovery, Step
from harness.wait import until

_SECTION = "Application Layer Failover / Scenario 1: ECS Service Failure"


@dataclass(frozen=True, slots=True)
class RollBackRelease:
    """Look at the service and its tasks, deploy anew, roll back where the new tasks fail as well, scale out, follow.

    The runbook stops at the new deployment, which starts the same revision once more: where that is what fails, it
    helps for a moment at most. So what becomes of the new tasks is seen before anything else is done.
    """

    service: Role = Role.APPLICATION
    tasks: int = 6

    def steps(self) -> tuple[Step, ...]:
        return (
            Step("check the service", Part.EXECUTE, _SECTION, self.check_service),
            Step("check the tasks", Part.EXECUTE, _SECTION, self.check_tasks),
            Step("force a new deployment", Part.EXECUTE, _SECTION, self.deploy_anew),
            Step("roll back the revision", Part.EXECUTE, _SECTION, self.roll_back),
            Step("scale out", Part.REDIRECT, _SECTION, self.scale_out),
            Step("follow until stable", Part.VERIFY, _SECTION, self.follow),
        )

    def check_service(self, recovery: Recovery) -> None:
        services.look(recovery, recovery.estate.service(self.service))

    def check_tasks(self, recovery: Recovery) -> None:
        """Raises ProcedureFailed where no task fails: then something else is wrong, and a deployment mends nothing."""
        service = recovery.estate.service(self.service)
        targets = services.target_states(recovery, service)
        if not services.failing(services.tasks(recovery, service), targets):
            raise ProcedureFailed(
                f"no task of {service.service} fails", hint="Look at its balancer, its database and its names."
            )

    def deploy_anew(self, recovery: Recovery) -> None:
        """The same revision once more; returns when it is rolled out, or when its tasks fail before that."""
        service = recovery.estate.service(self.service)
        recovery.aws.ecs(service.region).update_service(
            cluster=service.cluster, service=service.service, forceNewDeployment=True
        )
        until(
            f"{service.service} deployed anew",
            lambda: self._fails(recovery) or services.is_rolled_out(recovery, service),
            within=recovery.patience(ECS_START_TASK),
            clock=recovery.clock,
        )

    def roll_back(self, recovery: Recovery) -> None:
        """Once the new tasks are seen to fail as well, the last revision that served is deployed; else nothing is."""
        within = recovery.patience(ECS_START_TASK)
        try:
            until("the new tasks failing", lambda: self._fails(recovery), within=within, clock=recovery.clock)
        except NeverHappened:
            return
        service = recovery.estate.service(self.service)
        bad = services.current(recovery, service)["taskDefinition"]
        recovery.aws.ecs(service.region).update_service(
            cluster=service.cluster,
            service=service.service,
            taskDefinition=services.last_good(recovery, service, bad),
        )
        services.wait_rolled_out(recovery, service)

    def scale_out(self, recovery: Recovery) -> None:
        service = recovery.estate.service(self.service)
        recovery.aws.ecs(service.region).update_service(
            cluster=service.cluster, service=service.service, desiredCount=self.tasks
        )

    def follow(self, recovery: Recovery) -> None:
        services.wait_stable(recovery, recovery.estate.service(self.service), self.tasks)

    def _fails(self, recovery: Recovery) -> bool:
        """Whether some task of the deployment that is under way, or was the last, fails."""
        service = recovery.estate.service(self.service)
        deployment = services.current(recovery, service)["id"]
        own = [task for task in services.tasks(recovery, service) if task.get("startedBy") == deployment]
        return bool(services.failing(own, services.target_states(recovery, service)))
