"""Application layer failover, scenario 2: the balancer sends to what does not serve; it is led back to the tasks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from harness.aws_rules.durations import DRAIN_TARGET, REGISTER_TARGET
from harness.errors import ProcedureFailed
from harness.estate import Role
from harness.facts import Part
from harness.recovery import services
from harness.recovery.procedure import Recovery, Step
from harness.wait import until

if TYPE_CHECKING:
    from mypy_boto3_elbv2.type_defs import TargetDescriptionTypeDef

_SECTION = "Application Layer Failover / Scenario 2: ALB Failure"
Target = tuple[str, int]


@dataclass(frozen=True, slots=True)
class RestoreTargets:
    """Look at balancer and targets, register the tasks that run, deregister all else, follow.

    A target is its id and its port. The runbook deregisters by the id alone, which means the group's own port: where a
    task was registered at a wrong one, that takes the right one away.
    """

    balancer: Role = Role.BALANCER

    def steps(self) -> tuple[Step, ...]:
        return (
            Step("check the balancer", Part.EXECUTE, _SECTION, self.check_balancer),
            Step("check the targets", Part.EXECUTE, _SECTION, self.check_targets),
            Step("register the tasks", Part.EXECUTE, _SECTION, self.register),
            Step("deregister what does not serve", Part.REDIRECT, _SECTION, self.deregister),
            Step("follow the targets", Part.VERIFY, _SECTION, self.follow),
        )

    def check_balancer(self, recovery: Recovery) -> None:
        """Raises ProcedureFailed where the balancer itself is gone: no target would help."""
        balancer = recovery.estate.balancer(self.balancer)
        found = recovery.aws.elbv2(balancer.region).describe_load_balancers(Names=[balancer.name])["LoadBalancers"]
        state = found[0]["State"]["Code"] if found else "missing"
        if state != "active":
            raise ProcedureFailed(f"{balancer.name} is {state}", hint="Mend or replace it before its targets.")

    def check_targets(self, recovery: Recovery) -> None:
        """Raises ProcedureFailed where the balancer sends to the tasks alone, or where no task runs."""
        tasks, states = self._tasks(recovery), self._states(recovery)
        if tasks == {target for target, state in states.items() if state == "healthy"} == {*states}:
            raise ProcedureFailed("the balancer sends to every task, and each is healthy", hint="Look elsewhere.")
        if not tasks:
            raise ProcedureFailed("no task runs that could be registered", hint="Mend the service first.")

    def register(self, recovery: Recovery) -> None:
        tasks = self._tasks(recovery)
        recovery.aws.elbv2(recovery.estate.balancer(self.balancer).region).register_targets(
            TargetGroupArn=self._group(recovery), Targets=_described(tasks)
        )
        until(
            "the tasks healthy",
            lambda: all(self._states(recovery).get(task) == "healthy" for task in tasks),
            within=recovery.patience(REGISTER_TARGET),
            clock=recovery.clock,
        )

    def deregister(self, recovery: Recovery) -> None:
        wrong = {target for target, state in self._states(recovery).items() if state != "draining"}
        if wrong := wrong - self._tasks(recovery):
            recovery.aws.elbv2(recovery.estate.balancer(self.balancer).region).deregister_targets(
                TargetGroupArn=self._group(recovery), Targets=_described(wrong)
            )

    def follow(self, recovery: Recovery) -> None:
        tasks = self._tasks(recovery)
        until(
            "the tasks alone registered, and healthy",
            lambda: self._states(recovery) == dict.fromkeys(tasks, "healthy"),
            within=recovery.patience(DRAIN_TARGET),
            clock=recovery.clock,
        )

    def _group(self, recovery: Recovery) -> str:
        """The ARN of the target group."""
        balancer = recovery.estate.balancer(self.balancer)
        elbv2 = recovery.aws.elbv2(balancer.region)
        [found] = elbv2.describe_load_balancers(Names=[balancer.name])["LoadBalancers"]
        groups = elbv2.describe_target_groups(LoadBalancerArn=found["LoadBalancerArn"])["TargetGroups"]
        return next(one["TargetGroupArn"] for one in groups if one["TargetGroupName"] == balancer.target_group)

    def _states(self, recovery: Recovery) -> dict[Target, str]:
        """The state of each target there is."""
        elbv2 = recovery.aws.elbv2(recovery.estate.balancer(self.balancer).region)
        found = elbv2.describe_target_health(TargetGroupArn=self._group(recovery))["TargetHealthDescriptions"]
        return {(one["Target"]["Id"], one["Target"].get("Port", 0)): one["TargetHealth"]["State"] for one in found}

    def _tasks(self, recovery: Recovery) -> set[Target]:
        """Address and port of each task that runs, of the service that has this group."""
        found: set[Target] = set()
        for service in recovery.estate.services:
            if service.balancer is self.balancer:
                port = services.look(recovery, service)["loadBalancers"][0]["containerPort"]
                running = [task for task in services.tasks(recovery, service) if task.get("lastStatus") == "RUNNING"]
                found |= {(services.address(task), port) for task in running if services.address(task)}
        return found


def _described(targets: set[Target]) -> list[TargetDescriptionTypeDef]:
    return [{"Id": address, "Port": port} for address, port in sorted(targets)]
