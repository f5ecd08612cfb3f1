"""A place with processes and a resolver, and clients in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from harness.heard import Heard
from harness.ledger import LEDGER, Rows, read_rows
from harness.machines.managed import ManagedProcess
from harness.machines.postgres import PostgresServer
from harness.machines.seed import APP_USER
from harness.measure.rows import answered, chosen
from harness.wait import until
from harness.workload.clients import launch
from harness.workload.terms import VisitorTerms, WriterTerms
from tests.benchmarks.place import PASSWORD, SEED, Place, place
from tests.integration.workload.service import FaultyService

NAME, DATABASE_NAME = "www.example.com", "db.example.com"
SOON = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Client:
    """One client's process and its ledger."""

    process: ManagedProcess
    file: Path
    log: Path

    def rows(self) -> Rows:
        """What it has heard so far."""
        rows = read_rows(self.file, LEDGER) if self.file.exists() else np.empty(0, LEDGER)
        return answered(rows)

    def hears(self, heard: Heard, *, times: int = 5, since: int = 0) -> Rows:
        """Wait until it has heard that so often in requests sent after `since`."""

        def found() -> Rows:
            rows = self.rows()
            return chosen(rows, (rows["heard"] == heard) & (rows["sent"] > since))

        until(f"{times} requests {heard.name.lower()}", lambda: len(found()) >= times, within=SOON)
        return found()

    def ends(self) -> int | None:
        """Ask it to end and wait for it."""
        self.process.stop()
        return self.process.exit_code


@pytest.fixture
def here() -> Iterator[Place]:
    with place() as made:
        yield made


@pytest.fixture
def service(here: Place) -> Iterator[FaultyService]:
    """A submission service under the public name."""
    with FaultyService(here.block.next(1)) as made:
        here.publish({NAME: made.address})
        yield made


@pytest.fixture
def database(here: Place) -> PostgresServer:
    """A database under the direct writers' name."""
    server = here.postgres("primary")
    here.publish({DATABASE_NAME: server.address})
    return server


Visit = Callable[..., Client]


@pytest.fixture
def visit(here: Place, service: FaultyService) -> Visit:
    """Starts a visitor; pace 0.01 makes the TTL of 60 s one of 0.6 s."""

    def start(*, follows: str = "fresh", hz: float = 50, patience: float = 0.3, pace: float = 0.01) -> Client:
        file = here.folder / "visitor.bin"
        process = launch(here.spawner, "visitor", VisitorTerms(
            file=str(file), writer=1, hz=hz, follows=follows, host=NAME, port=service.port, users=SEED.users,
            projects=SEED.projects, resolver_host=here.resolver.address, resolver_port=here.resolver.port, pace=pace,
            patience=patience,
        ))  # fmt: skip
        return Client(process, file, here.workspace.log("visitor"))

    return start


Write = Callable[..., Client]


@pytest.fixture
def write(here: Place, database: PostgresServer) -> Write:
    """Starts direct writers with the numbers from 3 on."""

    def start(*, threads: int = 2, rate: float = 200, patience: float = 0.3) -> Client:
        file = here.folder / "writers.bin"
        process = launch(here.spawner, "writers", WriterTerms(
            file=str(file), writers=tuple(range(3, 3 + threads)), rate=rate, host=DATABASE_NAME, port=database.port,
            users=SEED.users, projects=SEED.projects, resolver_host=here.resolver.address,
            resolver_port=here.resolver.port, pace=0.01, user=APP_USER, password=PASSWORD,
            database=database.database, patience=patience,
        ))  # fmt: skip
        return Client(process, file, here.workspace.log("writers"))

    return start
