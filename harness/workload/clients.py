"""The clients of a drill: started together, looked at while they work, and ended when they are told to."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from signal import SIGTERM
from typing import Protocol

import harness
from harness.clock import Clock, Instant, SystemClock, span
from harness.dial import Directory
from harness.errors import WorkloadFailed
from harness.estate import Estate
from harness.events import EventLog
from harness.facts import ClientEnded, ClientStarted
from harness.login import Login
from harness.machines.managed import ManagedProcess
from harness.machines.pressure import PressureWatch
from harness.workload import tail
from harness.workload.terms import VisitorTerms, WriterTerms, line_of
from harness.workload.workload import Workload

FOLDER = "ledger"
_ENDS_WITHIN = timedelta(seconds=4)
"""A client waits for the answers that are out, at most its patience, and for its disk."""
_VISITORS = ("fresh", "ttl")
_PROGRAMS = {VisitorTerms: "harness.workload.visitor_program", WriterTerms: "harness.workload.writer_program"}


class Starts(Protocol):
    """Whatever starts processes that die with the harness."""

    def start(
        self, name: str, args: list[str | Path], *, env: dict[str, str] | None = None, stdin: int | None = None
    ) -> ManagedProcess: ...


@dataclass(frozen=True, slots=True)
class _Plan:
    """A client before it runs."""

    started: ClientStarted
    terms: VisitorTerms | WriterTerms


class Crew:
    """All clients of one drill. They end with the harness; their ledgers then hold all that they heard."""

    def __init__(
        self,
        *,
        directory: Directory,
        estate: Estate,
        login: Login,
        workload: Workload,
        spawner: Starts,
        log: EventLog,
        folder: Path,
        clock: Clock | None = None,
    ) -> None:
        self._spawner = spawner
        self._log = log
        self._folder = folder.absolute()
        self._clock = clock or SystemClock()
        self._plans = {plan.started.client: plan for plan in _plans(directory, estate, login, workload, self._folder)}
        self._running: dict[str, ManagedProcess] = {}
        self._pressure = PressureWatch(lambda fact: log.write(fact, durable=False), self._clock)

    @property
    def clients(self) -> tuple[str, ...]:
        """The clients' names."""
        return tuple(self._plans)

    def start(self) -> None:
        """Start every client and return at once. Raises EnvironmentFailed when one cannot be executed."""
        (self._folder / FOLDER).mkdir(parents=True, exist_ok=True)
        self._pressure.start()
        for name, plan in self._plans.items():
            self._running[name] = launch(self._spawner, name, plan.terms)
            self._log.write(plan.started)

    def ended_early(self) -> tuple[str, ...]:
        """The clients that run no more although nobody asked them to end."""
        return tuple(name for name, process in self._running.items() if not process.is_running())

    def acknowledged(self, client: str, since: Instant, *, read_back: bool = False) -> int:
        """How many writes each writer number of a client has heard to be done, with `read_back` also found again.

        Counted since then; the least busy number counts.
        """
        writers = self._plans[client].started.writers
        return tail.acknowledged(self._ledger(client), since, read_back=read_back, writers=writers)

    def good_since(self, client: str, since: Instant) -> timedelta:
        """For how long, up to its latest answer, a client met nothing bad; only requests sent since then count."""
        return tail.good_for(self._ledger(client), self._plans[client].started.kind, since)

    def felt(self, since: Instant) -> bool:
        """Whether each client that decides has met something bad since then."""
        deciding = [plan.started for plan in self._plans.values() if plan.started.decides]
        return all(tail.met_bad(self._ledger(started.client), started.kind, since) for started in deciding)

    def sustained(self, since: Instant, duration: timedelta) -> bool:
        """Whether each client that decides still runs and has met nothing bad for that long, counting from `since`."""
        if self.ended_early() or span(since, self._clock.now()) < duration:
            return False
        deciding = [name for name, plan in self._plans.items() if plan.started.decides]
        return all(self.good_since(name, since) >= duration for name in deciding)

    def stop(self) -> None:
        """Ask the clients to end, wait for them, and note how each of them ended. A second call does nothing."""
        running, self._running = self._running, {}
        asked = {name: process.is_running() for name, process in running.items()}
        for process in running.values():
            process.resume()
            process.signal(SIGTERM)
        deadline = self._clock.now() + round(_ENDS_WITHIN.total_seconds() * 1e9)
        for name, process in running.items():
            if not process.wait(span(self._clock.now(), deadline)):
                process.kill()
            self._log.write(ClientEnded(name, process.exit_code or 0, asked[name]))
        self._pressure.stop()

    def _ledger(self, client: str) -> Path:
        return self._folder / self._plans[client].started.file


def launch(spawner: Starts, name: str, terms: VisitorTerms | WriterTerms) -> ManagedProcess:
    """Start one client and tell it its terms. Raises EnvironmentFailed, WorkloadFailed."""
    root = Path(harness.__file__).parents[1]
    program: list[str | Path] = [sys.executable, "-P", "-m", _PROGRAMS[type(terms)], name]
    reading, writing = os.pipe()
    try:
        process = spawner.start(name, program, env={"PYTHONPATH": str(root)}, stdin=reading)
        os.write(writing, line_of(terms))
    except BrokenPipeError as error:
        raise WorkloadFailed(f"{name} ended before it had read its terms") from error
    finally:
        os.close(reading)
        os.close(writing)
    return process


def _plans(directory: Directory, estate: Estate, login: Login, workload: Workload, folder: Path) -> Iterator[_Plan]:
    """Two visitors with the writer numbers 1 and 2, and one process of direct writers with those from 3 on."""
    resolver_host, resolver_port = directory.resolver
    users, projects = estate.seed.users, estate.seed.projects
    for writer, follows in enumerate(_VISITORS, start=1):
        name = f"visitor-{follows}"
        file = f"{FOLDER}/{name}.bin"
        every = timedelta(seconds=1 / workload.visitor_hz)
        yield _Plan(
            ClientStarted(name, "visitor", file, follows, (writer,), every, decides=True),
            VisitorTerms(
                file=str(folder / file), writer=writer, hz=workload.visitor_hz, follows=follows,
                host=estate.zone.public_name, port=directory.port(80), users=users, projects=projects,
                resolver_host=resolver_host, resolver_port=resolver_port, pace=directory.pace,
            ),
        )  # fmt: skip
    first = len(_VISITORS) + 1
    writers = tuple(range(first, first + workload.writer_threads))
    file = f"{FOLDER}/writers.bin"
    every = timedelta(seconds=1 / workload.writer_rate if workload.writer_rate else 0)
    yield _Plan(
        ClientStarted("writers", "writer", file, "ttl", writers, every, decides=True),
        WriterTerms(
            file=str(folder / file), writers=writers, rate=workload.writer_rate,
            host=estate.zone.database_name, port=directory.port(5432), users=users, projects=projects,
            resolver_host=resolver_host, resolver_port=resolver_port, pace=directory.pace,
            user=login.user, password=login.password, database=login.database,
        ),
    )  # fmt: skip
