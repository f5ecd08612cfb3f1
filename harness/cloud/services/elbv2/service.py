"""Elastic Load Balancing: application load balancers, each a real one with real health checks."""

from __future__ import annotations

import ipaddress
import threading
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

from harness.aws_rules.durations import ALIAS_TTL, BALANCER_CHECK_INTERVAL
from harness.cloud.hosts import KeepsNothing
from harness.cloud.service import Answer, AwsError, Call, Host, Service, World, operation
from harness.cloud.services.elbv2.balancers import Balancer, Target
from harness.cloud.services.elbv2.metrics import BalancerMetrics, metrics_of
from harness.cloud.services.elbv2.shapes import (
    shown_balancer,
    shown_group,
    shown_group_attributes,
    shown_health,
    shown_listener,
    shown_tags,
)
from harness.cloud.services.elbv2.targets import TargetsHandle
from harness.estate import Role
from harness.facts import MachineEvent, Problem
from harness.machines.balancer import EnvoyBalancer

_SHORTEST_LOOK = timedelta(milliseconds=100)


class Elbv2(Service):
    """The estate's balancers, in the regions they belong to."""

    name = "elbv2"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        ports = {service.balancer: service.container_port for service in world.estate.services}
        self._balancers = {
            part.role: Balancer(world, part, ports.get(part.role, 3000)) for part in world.estate.balancers
        }
        self._listeners: list[Callable[[], None]] = []
        self._told: dict[Role, dict[Target, str]] = {}
        self._closing = threading.Event()
        self._watch = threading.Thread(target=self._keep_looking, name="elbv2-health", daemon=True)

    def raise_estate(self) -> None:
        """Start every balancer; their names answer before their regions have a task."""
        for balancer in self._balancers.values():
            self.world.names.put(balancer.dns_name, balancer.machine.address, ttl=ALIAS_TTL)
        with ThreadPoolExecutor(len(self._balancers) or 1, "balancer") as pool:
            starting = [pool.submit(balancer.machine.start) for balancer in self._balancers.values()]
        for started in starting:
            started.result()
        self._watch.start()

    def close(self) -> None:
        self._closing.set()
        if self._watch.is_alive():
            self._watch.join()

    def target(self, role: Role) -> TargetsHandle | None:
        balancer = self._balancers.get(role)
        if balancer is None:
            return None
        return TargetsHandle(balancer, self.world.addresses.next(self.world.zone_of(balancer.region)))

    def balancer(self, role: Role) -> Balancer:
        """The balancer in that place."""
        return self._balancers[role]

    def machine(self, role: Role) -> EnvoyBalancer:
        """The server behind the balancer in that place, for those who break it."""
        return self._balancers[role].machine

    def hosts(self, region: str) -> tuple[Host, ...]:
        return tuple(KeepsNothing(one.machine) for one in self._balancers.values() if one.region == region)

    def dns_name(self, role: Role) -> str:
        """The DNS name of the balancer in that place; known before it is started."""
        return self._balancers[role].dns_name

    def dns_names(self) -> tuple[str, ...]:
        return tuple(balancer.dns_name for balancer in self._balancers.values())

    def addresses(self, dns_name: str) -> tuple[str, ...]:
        """Where a balancer is reached; a balancer that is down keeps its address."""
        return tuple(b.machine.address for b in self._balancers.values() if b.dns_name == dns_name)

    def is_healthy(self, dns_name: str) -> bool:
        """What Route 53 takes for an alias that evaluates its target: a balancer with a healthy target."""
        return any(b.dns_name == dns_name and b.has_healthy_target() for b in self._balancers.values())

    def on_change(self, told: Callable[[], None]) -> None:
        """Call `told`, from another thread, whenever the health of any target has changed."""
        self._listeners.append(told)

    def metrics(self) -> tuple[BalancerMetrics, ...]:
        """Of each balancer that answers."""
        found = [metrics_of(balancer) for balancer in self._balancers.values()]
        return tuple(metrics for metrics in found if metrics)

    @operation("DescribeLoadBalancers")
    def describe_balancers(self, call: Call) -> Answer:
        arns, names = call.params.get("LoadBalancerArns") or (), call.params.get("Names") or ()
        if arns and names:
            raise AwsError(
                "ValidationError", "Load balancer names and load balancer ARNs cannot be specified at the same time"
            )
        here = self._here(call)
        known = {b.arn for b in here} | {b.part.name for b in here}
        missing = [wanted for wanted in (*arns, *names) if wanted not in known]
        if missing:
            raise AwsError("LoadBalancerNotFound", f"Load balancers '[{', '.join(missing)}]' not found")
        chosen = [b for b in here if not (arns or names) or b.arn in arns or b.part.name in names]
        return {"LoadBalancers": [shown_balancer(self.world, balancer) for balancer in chosen]}

    @operation("DescribeTargetGroups")
    def describe_groups(self, call: Call) -> Answer:
        arns, names = call.params.get("TargetGroupArns") or (), call.params.get("Names") or ()
        here = self._here(call)
        if arn := call.params.get("LoadBalancerArn"):
            here = [self._by_arn(call, arn)]
        known = {b.group_arn for b in here} | {b.part.target_group for b in here}
        if any(wanted not in known for wanted in (*arns, *names)):
            raise AwsError("TargetGroupNotFound", "One or more target groups not found")
        chosen = [b for b in here if not (arns or names) or b.group_arn in arns or b.part.target_group in names]
        return {"TargetGroups": [shown_group(self.world, balancer) for balancer in chosen]}

    @operation("DescribeTargetGroupAttributes")
    def describe_group_attributes(self, call: Call) -> Answer:
        return {"Attributes": shown_group_attributes(self._by_group(call))}

    @operation("DescribeListeners")
    def describe_listeners(self, call: Call) -> Answer:
        if arn := call.params.get("LoadBalancerArn"):
            return {"Listeners": [shown_listener(self._by_arn(call, arn))]}
        wanted = call.params.get("ListenerArns") or ()
        found = {balancer.listener_arn: shown_listener(balancer) for balancer in self._here(call)}
        if not wanted or any(arn not in found for arn in wanted):
            raise AwsError("ListenerNotFound", "One or more listeners not found")
        return {"Listeners": [found[arn] for arn in wanted]}

    @operation("DescribeTargetHealth")
    def describe_target_health(self, call: Call) -> Answer:
        balancer = self._by_group(call)
        balancer.look()
        asked = [self._target(balancer, target) for target in call.params.get("Targets") or ()]
        targets = asked or balancer.registered()
        return {"TargetHealthDescriptions": [shown_health(balancer, target) for target in targets]}

    @operation("RegisterTargets")
    def register_targets(self, call: Call) -> Answer:
        balancer = self._by_group(call)
        targets = [self._target(balancer, target) for target in call.params["Targets"]]
        self._in_the_region(balancer, targets)
        for target in targets:
            balancer.register(target)
        return {}

    @operation("DeregisterTargets")
    def deregister_targets(self, call: Call) -> Answer:
        balancer = self._by_group(call)
        for target in call.params["Targets"]:
            balancer.deregister(self._target(balancer, target))
        return {}

    @operation("DescribeTags")
    def describe_tags(self, call: Call) -> Answer:
        return {"TagDescriptions": [shown_tags(self._tagged(call, arn), arn) for arn in call.params["ResourceArns"]]}

    def _here(self, call: Call) -> list[Balancer]:
        return [balancer for balancer in self._balancers.values() if balancer.region == call.region]

    def _by_arn(self, call: Call, arn: str) -> Balancer:
        for balancer in self._here(call):
            if balancer.arn == arn:
                return balancer
        raise AwsError("LoadBalancerNotFound", f"Load balancer '{arn}' not found")

    def _by_group(self, call: Call) -> Balancer:
        for balancer in self._here(call):
            if balancer.group_arn == call.params["TargetGroupArn"]:
                return balancer
        raise AwsError("TargetGroupNotFound", "One or more target groups not found")

    def _tagged(self, call: Call, arn: str) -> Balancer:
        for balancer in self._here(call):
            if arn in (balancer.arn, balancer.group_arn, balancer.listener_arn):
                return balancer
        if ":targetgroup/" in arn:
            raise AwsError("TargetGroupNotFound", "One or more target groups not found")
        raise AwsError("LoadBalancerNotFound", f"Load balancer '{arn}' not found")

    def _target(self, balancer: Balancer, asked: Mapping[str, Any]) -> Target:
        """Id and port; a port that could not be bound here means the one that stands for it."""
        port = int(asked.get("Port") or balancer.target_port)
        return str(asked["Id"]), self.world.addresses.ports.get(port, port)

    def _in_the_region(self, balancer: Balancer, targets: Iterable[Target]) -> None:
        block = ipaddress.ip_network(f"127.{self.world.addresses.block}.{self.world.zone_of(balancer.region)}.0/24")
        for address, _ in targets:
            try:
                inside = ipaddress.ip_address(address) in block
            except ValueError:
                raise AwsError("ValidationError", f"The IP address '{address}' is not a valid IPv4 address") from None
            if not inside:
                raise AwsError(
                    "InvalidTarget", f"The IP address '{address}' is outside of the VPC's CIDR block {block}"
                )

    def _keep_looking(self) -> None:
        """Ask the balancers for their targets' health about as often as they check it, and tell of what is new."""
        every = self.world.pace.scaled(BALANCER_CHECK_INTERVAL, at_least=_SHORTEST_LOOK).total_seconds()
        while not self._closing.wait(min(every, 1.0)):
            try:
                self._look()
            except Exception as error:  # the boundary of a thread: recorded
                self.world.record(Problem("cloud: elbv2 health", f"{type(error).__name__}: {error}"))

    def _look(self) -> None:
        news = False
        for role, balancer in self._balancers.items():
            seen = balancer.look()
            if seen == self._told.get(role, {}):
                continue
            news = True
            self._told[role] = seen
            counts = f"{balancer.count('healthy')} of {len(balancer.registered())} targets healthy"
            self.world.record(MachineEvent(balancer.part.name, "target health changed", counts))
        if news:
            for told in self._listeners:
                told()
