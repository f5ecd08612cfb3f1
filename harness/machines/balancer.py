"""A load balancer: Envoy, made to behave as an Application Load Balancer does (see envoy_config.py)."""

from __future__ import annotations

import http.client
import json
import re
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from harness.errors import DrillError, MachineFailed
from harness.machines.binaries import envoy_binary
from harness.machines.envoy_config import CLUSTER, HealthCheck, Target, bootstrap, endpoints
from harness.machines.one_process import OneProcess
from harness.machines.processes import ManagedProcess, Spawner, tail
from harness.machines.workspace import Workspace
from harness.wait import until

_READY_WITHIN = timedelta(seconds=15)
_ADMIN_TIMEOUT = 2.0
_SHORTEST_CHECK_TIMEOUT = timedelta(seconds=0.5)
"""A check may not time out because this machine is busy for a moment, however short the interval is."""
_LONGEST_CHECK_TIMEOUT = timedelta(seconds=5)
"""HealthCheckTimeoutSeconds of a new target group."""
_ANSWERED = re.compile(r'code_class="(\d)".*} (\d+)')
_TIMED = re.compile(r"rq_time_(sum|count)\{.*} (\S+)")


@dataclass(frozen=True, slots=True)
class Stats:
    """What clients were given since its start; `request_time` is the mean of the targets, zero without requests."""

    requests: int
    successes: int
    client_errors: int
    server_errors: int
    request_time: timedelta


class EnvoyBalancer(OneProcess):
    """One balancer with one target group."""

    def __init__(
        self,
        name: str,
        address: str,
        port: int,
        workspace: Workspace,
        spawner: Spawner,
        *,
        health_path: str,
        check_interval: timedelta,
        healthy_threshold: int,
        unhealthy_threshold: int,
        check_timeout: timedelta | None = None,
    ) -> None:
        self.name = name
        self.address = address
        self.port = port
        timeout = check_timeout or min(max(check_interval, _SHORTEST_CHECK_TIMEOUT), _LONGEST_CHECK_TIMEOUT)
        self._check = HealthCheck(health_path, check_interval, timeout, healthy_threshold, unhealthy_threshold)
        self._spawner = spawner
        self._folder = workspace.folder(name)
        self._endpoints = self._folder / "endpoints.json"
        self._log = workspace.log(name)
        self._lock = threading.Lock()
        self._admin: Target = ("", 0)
        self._replacing = threading.Lock()
        self.timed_out: frozenset[Target] = frozenset()
        """The targets whose last check got no answer in time, as of the last look at their health."""
        self.set_targets([])

    def start(self) -> None:
        """Start and return when it serves, with the targets it had. Raises MachineFailed."""
        with self._lock:
            if self.is_running():
                return
            admin_file = self._folder / "admin"
            admin_file.unlink(missing_ok=True)
            config = self._folder / "envoy.json"
            config.write_text(json.dumps(bootstrap((self.address, self.port), self._check, self._endpoints)))
            process = self._process = self._spawner.start(
                self.name,
                [
                    envoy_binary(), "--config-path", config, "--admin-address-path", admin_file,
                    "--disable-hot-restart", "--concurrency", "1", "--log-level", "warning",
                ],
                log=self._log,
            )  # fmt: skip
            try:
                until(f"{self.name} serves", lambda: self._is_ready(process, admin_file), within=_READY_WITHIN)
            except DrillError:
                process.kill()
                raise

    def set_targets(self, targets: Iterable[Target]) -> None:
        """Replace the targets, which takes effect some milliseconds later; new ones are used when they pass a check.

        A target that was removed gets no new request, and finishes what it has.
        """
        new = self._folder / "endpoints.new"
        with self._replacing:
            new.write_text(json.dumps(endpoints(targets)))
            new.replace(self._endpoints)  # Envoy notices a file that is moved in, not one that is written to

    def target_health(self) -> dict[Target, str]:
        """What the balancer thinks of each target: "healthy", "unhealthy" or "initial". Raises MachineFailed."""
        found = json.loads(self._ask("/clusters?format=json"))
        [cluster] = [one for one in found["cluster_statuses"] if one["name"] == CLUSTER]
        hosts = cluster.get("host_statuses", [])
        self.timed_out = frozenset(
            _target(host) for host in hosts if host.get("health_status", {}).get("active_hc_timeout")
        )
        return {_target(host): _health(host.get("health_status", {})) for host in hosts}

    def stats(self) -> Stats:
        """Counts since its start. Raises MachineFailed."""
        samples = self._ask(
            "/stats/prometheus?filter=^(http.clients.downstream_rq_.xx|cluster.targets.upstream_rq_time)$"
        )
        answered = {int(code_class): int(count) for code_class, count in _ANSWERED.findall(samples)}
        timed = {kind: float(value) for kind, value in _TIMED.findall(samples)}
        mean = timed["sum"] / timed["count"] if timed.get("count") else 0
        return Stats(
            requests=sum(answered.values()),
            successes=answered.get(2, 0),
            client_errors=answered.get(4, 0),
            server_errors=answered.get(5, 0),
            request_time=timedelta(milliseconds=mean),
        )

    def _is_ready(self, process: ManagedProcess, admin_file: Path) -> bool:
        if not process.is_running():
            raise MachineFailed(f"{self.name} on {self.address}:{self.port} did not start\n{tail(self._log)}")
        host, _, port = (admin_file.read_text() if admin_file.exists() else "").rpartition(":")
        if not port:
            return False
        self._admin = (host, int(port))
        try:
            return self._ask("/ready").startswith("LIVE")
        except MachineFailed:
            return False

    def _ask(self, path: str) -> str:
        connection = http.client.HTTPConnection(*self._admin, timeout=_ADMIN_TIMEOUT)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.read().decode()
        except (OSError, http.client.HTTPException) as error:
            raise MachineFailed(f"{self.name} does not answer: {error}") from error
        finally:
            connection.close()


def _target(host: dict[str, Any]) -> Target:
    where = host["address"]["socket_address"]
    return where["address"], where["port_value"]


def _health(state: dict[str, Any]) -> str:
    if state.get("pending_active_hc"):
        return "initial"
    return "unhealthy" if state.get("failed_active_health_check") else "healthy"
