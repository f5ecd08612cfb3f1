"""The clients of a drill: started together, looked at while they work, and ended when they are told to."""

from __future__ import annotations

import os
import sys
from datetime import timedelta
from pathlib import Path
from signal import SIGTERM

import harness
from harness.clock import Clock, Instant, SystemClock, span
from harness.dial import Directory
from harness.errors import WorkloadFailed
from harness.estate import Estate
from harness.events import EventLog
from harness.facts import AtStake, ClientEnded, ClientKind
from harness.login import Login
from harness.machines.managed import ManagedProcess
from harness.machines.pressure import PressureWatch
from harness.machines.processes import Spawner
from harness.workload import tail
from harness.workload.plans import FOLDER, Plan, plans
from harness.workload.terms import KeeperTerms, ReaderTerms, Terms, VisitorTerms, WriterTerms, line_of
from harness.workload.workload import Workload

_ENDS_WITHIN = timedelta(seconds=4)
"""A client waits for the answers that are out, at most its patience, and for its disk."""
_PROGRAMS: dict[type[Terms], str] = {
    VisitorTerms: "visitor_program",
    WriterTerms: "writer_program",
    ReaderTerms: "reader_program",
    KeeperTerms: "keeper_program",
}


class Crew:
    """All clients of one drill. They end with the harness; their ledgers then hold all that they heard."""

    def __init__(
        self,
        *,
        directory: Directory,
        estate: Estate,
        login: Login,
        workload: Workload,
        spawner: Spawner,
        log: EventLog,
        folder: Path,
        clock: Clock | None = None,
    ) -> None:
        self._spawner = spawner
        self._log = log
        self._folder = folder.absolute()
        self._clock = clock or SystemClock()
        self._plans: dict[str, Plan] = {
            plan.started.client: plan for plan in plans(directory, estate, login, workload, self._folder)
        }
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

    def hit_rate(self, since: Instant) -> float | None:
        """The share of the readers' questions since then that the cache answered; None where nobody asked."""
        readers = [plan.started.client for plan in self._plans.values() if plan.started.kind is ClientKind.READER]
        return tail.hit_rate([self._ledger(client) for client in readers], since)

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

    def ledgers(self, into: AtStake) -> tuple[Path, ...]:
        """The ledgers that there are by now, of the clients that write into it."""
        return tuple(path for path in map(self._ledger, self.writing_into(into)) if path.exists())

    def writing_into(self, into: AtStake) -> tuple[str, ...]:
        """The names of the clients that write into it."""
        return tuple(name for name, plan in self._plans.items() if plan.started.kind.writes_into is into)

    def _ledger(self, client: str) -> Path:
        return self._folder / self._plans[client].started.file


def launch(spawner: Spawner, name: str, terms: Terms) -> ManagedProcess:
    """Start one client and tell it its terms. Raises EnvironmentFailed, WorkloadFailed."""
    root = Path(harness.__file__).parents[1]
    program: list[str | Path] = [sys.executable, "-P", "-m", f"harness.workload.{_PROGRAMS[type(terms)]}", name]
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
