"""A load balancer with its listener and target group, in AWS's terms, on top of one real balancer."""

from __future__ import annotations

import hashlib
import http.client
import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from harness import estate
from harness.aws_rules.durations import BALANCER_CHECK_INTERVAL
from harness.aws_rules.zones import BALANCER_ZONES
from harness.cloud.service import World
from harness.errors import MachineFailed
from harness.machines.balancer import EnvoyBalancer

Target = tuple[str, int]
HEALTHY_THRESHOLD = 2
UNHEALTHY_THRESHOLD = 2
DEREGISTRATION_DELAY = timedelta(seconds=30)
"""As the estate's target groups set it (AWS's default is 300 s)."""
_SHORTEST_CHECK = timedelta(milliseconds=50)
_LOOK_WITHIN = 0.3


@dataclass(frozen=True, slots=True)
class Health:
    """A target's state with AWS's reason and description for anything but healthy."""

    state: str
    reason: str = ""
    description: str = ""


HEALTHY = Health("healthy")
REGISTERING = Health("initial", "Elb.RegistrationInProgress", "Target registration is in progress")
CHECKING = Health("initial", "Elb.InitialHealthChecking", "Initial health checks in progress")
DRAINING = Health("draining", "Target.DeregistrationInProgress", "Target deregistration is in progress")
NOT_REGISTERED = Health("unused", "Target.NotRegistered", "Target is not registered to the target group")
TIMED_OUT = Health("unhealthy", "Target.Timeout", "Request timed out")
NO_BALANCER = Health("unhealthy", "Elb.InternalError", "Health checks failed due to an internal error")


class Balancer:
    """One balancer of the estate. Thread-safe."""

    def __init__(self, world: World, part: estate.Balancer, container_port: int) -> None:
        self.part = part
        self.region = part.region
        self.port = world.addresses.ports.get(part.listener_port, part.listener_port)
        self.target_port = world.addresses.ports.get(container_port, container_port)
        self.created = datetime.now(UTC)
        self.dns_name = dns_name(world.estate, part)
        self.zone_id = BALANCER_ZONES[part.region]
        arn = f"arn:aws:elasticloadbalancing:{part.region}:{world.estate.account_id}"
        self.dimension = dimension(world.estate, part)
        self.arn = f"{arn}:loadbalancer/{self.dimension}"
        self.listener_arn = f"{arn}:listener/{self.dimension}/{_hex(world.estate, part.name, 'listener')}"
        self.group_dimension = group_dimension(world.estate, part)
        self.group_arn = f"{arn}:{self.group_dimension}"
        self.machine = EnvoyBalancer(
            part.name,
            world.addresses.next(world.zone_of(part.region)),
            self.port,
            world.workspace,
            world.spawner,
            health_path=part.health_path,
            check_interval=world.pace.scaled(BALANCER_CHECK_INTERVAL, at_least=_SHORTEST_CHECK),
            healthy_threshold=HEALTHY_THRESHOLD,
            unhealthy_threshold=UNHEALTHY_THRESHOLD,
        )
        self._world = world
        self._lock = threading.Lock()
        self._targets: dict[Target, int] = {}
        """Registered targets, and how often each has been deregistered since: 0 while it is in service."""
        self._registrations = 0
        self._seen: dict[Target, str] = {}

    def register(self, target: Target) -> None:
        """Use a target as soon as it passes a check; one that drains is used again."""
        with self._lock:
            self._targets[target] = 0
            self._put()

    def deregister(self, target: Target) -> None:
        """Send no new request to a target; it is shown as draining for the deregistration delay."""
        with self._lock:
            if self._targets.get(target) != 0:
                return
            self._registrations += 1
            mark = self._targets[target] = self._registrations
            self._put()
        self._world.pace.later(DEREGISTRATION_DELAY, f"drain {target[0]}", lambda: self._drained(target, mark))

    def registered(self) -> tuple[Target, ...]:
        with self._lock:
            return tuple(self._targets)

    def in_service(self) -> tuple[Target, ...]:
        """Those that are not draining."""
        with self._lock:
            return tuple(target for target, mark in self._targets.items() if mark == 0)

    def look(self) -> dict[Target, str]:
        """Ask the balancer what it thinks of its targets; nothing while it does not answer."""
        found: dict[Target, str] = {}
        try:
            if self.machine.is_running() and not self.machine.is_paused() and self.registered():
                found = self.machine.target_health()
        except MachineFailed:
            found = {}
        with self._lock:
            self._seen = found
        return found

    def has_healthy_target(self) -> bool:
        """As of the last look: some target in service is healthy, and so is the balancer."""
        with self._lock:
            return any(self._seen.get(target) == "healthy" for target, mark in self._targets.items() if mark == 0)

    def is_healthy(self, target: Target) -> bool:
        """As of the last look."""
        with self._lock:
            return self._targets.get(target) == 0 and self._seen.get(target) == "healthy"

    def is_failing(self, target: Target) -> bool:
        """As of the last look: it is in service and fails its checks."""
        with self._lock:
            return self._targets.get(target) == 0 and self._seen.get(target) == "unhealthy"

    def count(self, state: str) -> int:
        """How many targets are in a state, as of the last look."""
        with self._lock:
            return sum(1 for target in self._targets if self._seen.get(target) == state)

    def health(self, target: Target) -> Health:
        """A target's health now, in AWS's words."""
        with self._lock:
            mark, seen = self._targets.get(target), self._seen.get(target)
        if mark is None:
            return NOT_REGISTERED
        if mark:
            return DRAINING
        if not self.machine.is_running():
            return NO_BALANCER
        if seen == "unhealthy":
            return TIMED_OUT if target in self.machine.timed_out else _why_unhealthy(target, self.part.health_path)
        return {"healthy": HEALTHY, "initial": CHECKING}.get(seen or "", REGISTERING)

    def _put(self) -> None:
        self.machine.set_targets([target for target, mark in self._targets.items() if mark == 0])

    def _drained(self, target: Target, mark: int) -> None:
        with self._lock:
            if self._targets.get(target) == mark:
                del self._targets[target]


def dns_name(whole: estate.Estate, part: estate.Balancer) -> str:
    """The name that AWS gives a balancer: its own, ten digits, its region."""
    digits = int(_hex(whole, part.name, part.region, "dns"), 16) % 10**10
    return f"{part.name}-{digits:010d}.{part.region}.elb.amazonaws.com".lower()


def dimension(whole: estate.Estate, part: estate.Balancer) -> str:
    """How metrics call a balancer: the end of its ARN."""
    return f"app/{part.name}/{_hex(whole, part.name)}"


def group_dimension(whole: estate.Estate, part: estate.Balancer) -> str:
    """How metrics call its target group."""
    return f"targetgroup/{part.target_group}/{_hex(whole, part.target_group)}"


def _hex(whole: estate.Estate, *seed: str) -> str:
    return hashlib.sha256("/".join((whole.account_id, *seed)).encode()).hexdigest()[:16]


def _why_unhealthy(target: Target, path: str) -> Health:
    """A look of our own at a target that fails its checks: Envoy says only whether it was in time."""
    connection = http.client.HTTPConnection(*target, timeout=_LOOK_WITHIN)
    try:
        connection.request("GET", path, headers={"User-Agent": "ELB-HealthChecker/2.0"})
        code = connection.getresponse().status
    except TimeoutError:
        return TIMED_OUT
    except (OSError, http.client.HTTPException):
        return Health("unhealthy", "Target.FailedHealthChecks", "Health checks failed")
    finally:
        connection.close()
    if code == 200:
        return Health("unhealthy", "Target.FailedHealthChecks", "Health checks failed")
    return Health("unhealthy", "Target.ResponseCodeMismatch", f"Health checks failed with these codes: [{code}]")
