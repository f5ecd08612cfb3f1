"""How long does it take to raise the whole estate in both regions, by service, beside the bare start of as many servers
of the same kinds? And how long until a service that is asked for 6 tasks has them all healthy, at pace 0?

    python -m tests.benchmarks.raise_speed [--quick]
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from harness import garbage
from harness.cloud.services.elbv2 import Elbv2
from harness.config import load_config
from harness.estate import Role
from harness.machines.balancer import EnvoyBalancer
from harness.machines.valkey import ValkeyServer
from harness.machines.valkey_files import Passwords
from harness.machines.valkey_program import valkey_program
from harness.wait import until
from tests.benchmarks.place import Place, place
from tests.contract.cloud.raising import Raised, raised

MOST, MOST_TASKS = 4.0, 1.5
"""Seconds for both regions, and for six tasks."""
TASKS = 6
DATABASES, CACHE_NODES, BALANCERS = 4, 5, 2
"""As many as the estate has: a primary, its standby, its two replicas; both groups' nodes; one balancer a region."""


def main() -> int:
    """Print a row for each round and the median of each service; 1 when either median is above its most."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true", help="2 rounds instead of 7")
    rounds = 2 if parser.parse_args().quick else 7
    garbage.seldom()
    took: dict[str, list[float]] = defaultdict(list)
    print(f"{'bare s':>7} {'estate s':>8} {'ratio':>6} {TASKS} tasks s")
    for _ in range(rounds):
        bare = _bare()
        begun = time.monotonic()
        with raised(pace=0.0) as estate:
            whole = time.monotonic() - begun
            for part, lasted in estate.cloud.took.items():
                took[part].append(lasted.total_seconds())
            tasks = _tasks(estate)
        took["whole"].append(whole)
        took["tasks"].append(tasks)
        took["ratio"].append(whole / bare)
        print(f"{bare:7.2f} {whole:8.2f} {whole / bare:6.2f} {tasks:9.2f}")
    middle = {part: statistics.median(seen) for part, seen in took.items()}
    whole, tasks, ratio = (middle.pop(name) for name in ("whole", "tasks", "ratio"))
    print(", ".join(f"{part} {lasted:.2f}" for part, lasted in sorted(middle.items(), key=lambda one: -one[1])))
    print(
        f"median {whole:.2f} s, {ratio:.2f} of the bare servers, at most {MOST} s; tasks {tasks:.2f} of {MOST_TASKS} s"
    )
    return int(whole > MOST or tasks > MOST_TASKS)


def _bare() -> float:
    """Seconds for as many servers, all started at once and nothing told to them."""
    with place() as where:
        starts: list[Callable[[], object]] = [
            *(lambda n=n: where.postgres(f"database-{n}") for n in range(DATABASES)),
            *(_node(where, n).start for n in range(CACHE_NODES)),
            *(_balancer(where, n).start for n in range(BALANCERS)),
        ]
        begun = time.monotonic()
        with ThreadPoolExecutor(len(starts), "start") as pool:
            for started in [pool.submit(start) for start in starts]:
                started.result()
        return time.monotonic() - begun


def _node(where: Place, number: int) -> ValkeyServer:
    return ValkeyServer(
        f"cache-{number}", address=where.block.next(1), port=where.block.ports[6379],
        program=valkey_program(load_config().cache_dir), workspace=where.workspace, spawner=where.spawner,
        passwords=Passwords("of-a-benchmark", "of-replicas"),
    )  # fmt: skip


def _balancer(where: Place, number: int) -> EnvoyBalancer:
    return EnvoyBalancer(
        f"balancer-{number}", where.block.next(1), where.block.ports[80], where.workspace, where.spawner,
        health_path="/health", check_interval=timedelta(seconds=0.1), healthy_threshold=2, unhealthy_threshold=2,
    )  # fmt: skip


def _tasks(estate: Raised) -> float:
    """Seconds from the call until that many tasks of the service are healthy at its balancer."""
    service = estate.cloud.estate.service(Role.APPLICATION)
    balancer = estate.cloud.service(Elbv2).balancer(service.balancer)
    begun = time.monotonic()
    estate.aws.ecs(service.region).update_service(cluster=service.cluster, service=service.service, desiredCount=TASKS)
    until(f"{TASKS} tasks", lambda: balancer.count("healthy") >= TASKS, within=timedelta(seconds=30))
    return time.monotonic() - begun


if __name__ == "__main__":
    sys.exit(main())
