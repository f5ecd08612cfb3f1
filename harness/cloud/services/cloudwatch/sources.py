"""Where metrics come from: each real server is asked once a period, by a thread of its own.

A server that hangs keeps only its own thread waiting; its period goes by without a datapoint, like that of a dead one.
"""

from __future__ import annotations

import os
import queue
import shutil
import sys
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import psycopg

from harness.cloud.services.cloudwatch.store import Sample, Series
from harness.cloud.services.elbv2.metrics import BalancerMetrics
from harness.cloud.services.rds.state import DbInstance
from harness.machines.postgres import PostgresServer
from harness.machines.replication import Session, replica_lag
from harness.machines.seed import APP_USER

Measured = list[tuple[Series, Sample]]

_ACTIVITY = """
SELECT count(*) FILTER (WHERE usename = %s AND backend_type = 'client backend'), array_agg(pid), pg_is_in_recovery()
FROM pg_stat_activity
"""


class Source:
    """Asks one thing whenever told to. `measure` gives nothing, or raises OSError, for what is not there."""

    def __init__(self, name: str, measure: Callable[[], Measured], close: Callable[[], None] = lambda: None) -> None:
        self._measure = measure
        self._close = close
        self._asked: queue.SimpleQueue[queue.SimpleQueue[Measured] | None] = queue.SimpleQueue()
        self._busy = threading.Event()
        threading.Thread(target=self._run, name=f"metrics-{name}", daemon=True).start()

    def ask(self) -> queue.SimpleQueue[Measured]:
        """Begin to measure; the result arrives in the queue, unless the thing hangs."""
        answer: queue.SimpleQueue[Measured] = queue.SimpleQueue()
        if not self._busy.is_set():
            self._busy.set()
            self._asked.put(answer)
        return answer

    def close(self) -> None:
        self._asked.put(None)

    def _run(self) -> None:
        while (answer := self._asked.get()) is not None:
            try:
                answer.put(self._measure())
            except (OSError, psycopg.Error):
                answer.put([])
            finally:
                self._busy.clear()
        self._close()


class DatabaseSource:
    """The metrics of a DB instance, asked over one session that is kept."""

    def __init__(self, instance: DbInstance) -> None:
        self._instance = instance
        self._server: PostgresServer | None = None
        self._session: Session | None = None
        self._cpu = CpuMeter()

    def measure(self) -> Measured:
        """Raises psycopg.Error when the server does not answer."""
        server = self._instance.machine.server
        if not server.is_running() or server.is_paused():
            self.close()
            return []
        try:
            return self._of(server, self._session_of(server))
        except psycopg.Error:
            self.close()
            raise

    def close(self) -> None:
        if self._session is not None:
            self._session.close()
        self._session = None

    def _session_of(self, server: PostgresServer) -> Session:
        if self._session is None or server is not self._server:
            self.close()
            self._session, self._server = server.admin(), server
        return self._session

    def _of(self, server: PostgresServer, session: Session) -> Measured:
        row = session.execute(_ACTIVITY, [APP_USER]).fetchone()
        if row is None:
            return []
        connections, pids, in_recovery = row
        free = shutil.disk_usage(server.data).free
        found = [
            self._sample("DatabaseConnections", float(str(connections)), "Count"),
            self._sample("FreeStorageSpace", free, "Bytes"),
        ]
        if (used := self._cpu.percent(pids if isinstance(pids, list) else [])) is not None:
            found.append(self._sample("CPUUtilization", used, "Percent"))
        if in_recovery:
            lag = replica_lag(session)
            # RDS publishes -1 for a replica whose lag cannot be determined
            found.append(self._sample("ReplicaLag", -1 if lag is None else lag.total_seconds(), "Seconds"))
        return found

    def _sample(self, name: str, value: float, unit: str) -> tuple[Series, Sample]:
        dimensions = frozenset({("DBInstanceIdentifier", self._instance.identifier)})
        return Series(self._instance.region, "AWS/RDS", name, dimensions), Sample.of(value, unit)


class CpuMeter:
    """The share of the host's processors that a set of processes used since it was last asked; None where unknown."""

    def __init__(self) -> None:
        self._ticks: dict[int, int] = {}
        self._at = time.monotonic()

    def percent(self, pids: Iterable[int]) -> float | None:
        if sys.platform != "linux":
            return None
        now, ticks = time.monotonic(), {pid: used for pid in pids if (used := _ticks_of(pid)) is not None}
        used = sum(ticks[pid] - self._ticks.get(pid, ticks[pid]) for pid in ticks)
        elapsed = max(now - self._at, 1e-3)
        self._at, self._ticks = now, ticks
        return min(100.0, 100 * used / os.sysconf("SC_CLK_TCK") / elapsed / (os.cpu_count() or 1))


class BalancerSource:
    """The metrics of all load balancers; counts are of the period, as CloudWatch has them."""

    def __init__(self, read: Callable[[], Iterable[BalancerMetrics]]) -> None:
        self._read = read
        self._before: dict[str, int] = {}

    def measure(self) -> Measured:
        return [sample for metrics in self._read() for sample in self._of(metrics)]

    def _of(self, metrics: BalancerMetrics) -> Measured:
        balancer = ("LoadBalancer", metrics.balancer)
        both = frozenset({balancer, ("TargetGroup", metrics.target_group)})
        counts = {
            "RequestCount": metrics.stats.requests,
            "HTTPCode_Target_2XX_Count": metrics.stats.successes,
            "HTTPCode_Target_4XX_Count": metrics.stats.client_errors,
            "HTTPCode_ELB_5XX_Count": metrics.stats.server_errors,
        }
        hosts = {"HealthyHostCount": metrics.healthy_hosts, "UnHealthyHostCount": metrics.unhealthy_hosts}
        namespace = "AWS/ApplicationELB"
        found = [
            (Series(metrics.region, namespace, name, both), Sample.of(value, "Count")) for name, value in hosts.items()
        ]
        for name, value in counts.items():
            key = f"{metrics.balancer} {name}"
            new = value - self._before.get(key, 0)
            self._before[key] = value
            series = Series(metrics.region, namespace, name, frozenset({balancer}))
            found.append((series, Sample.of(max(0, new), "Count")))
        return found


def _ticks_of(pid: int) -> int | None:
    """User and system time of a process in clock ticks."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return int(fields[11]) + int(fields[12])
