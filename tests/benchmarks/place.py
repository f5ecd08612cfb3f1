"""A workspace with processes, addresses and a resolver, for one benchmark."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from harness.config import load_config
from harness.estate import Seed
from harness.machines.addresses import AddressBlock
from harness.machines.binaries import in_reach, postgres_bin
from harness.machines.postgres import PostgresServer
from harness.machines.processes import Spawner
from harness.machines.resolver import AnswerSet, Resolver
from harness.machines.seed import APP_USER, REPLICATION_USER
from harness.machines.template import Login, template
from harness.machines.workspace import Workspace

PASSWORD = "of a benchmark"
SEED = Seed(users=500, projects=50, task_submissions=100)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a benchmark runs; `folder` goes away with it."""

    folder: Path
    workspace: Workspace
    spawner: Spawner
    block: AddressBlock
    resolver: Resolver
    programs: Path

    def publish(self, names: dict[str, str], zone: str = "example.com") -> None:
        """Let the resolver know these names of a zone, and no others."""
        start_of_authority = AnswerSet(900, ("ns.example.com. me.example.com. 1 7200 900 1209600 86400",))
        answers = {(name, "A"): AnswerSet(60, (address,)) for name, address in names.items()}
        self.resolver.publish({(zone, "SOA"): start_of_authority, **answers})

    def postgres(self, name: str) -> PostgresServer:
        """A running instance with the application's tables."""
        config = load_config()
        server = PostgresServer(
            name,
            address=self.block.next(1),
            port=self.block.ports[5432],
            programs=self.programs,
            template=template(config.cache_dir, self.programs, SEED, workspace=self.workspace, spawner=self.spawner),
            workspace=self.workspace,
            spawner=self.spawner,
            app=Login(APP_USER, PASSWORD),
            replicator=Login(REPLICATION_USER, PASSWORD),
        )
        server.start()
        return server


@contextmanager
def place() -> Iterator[Place]:
    """Everything is stopped and removed at the end."""
    config = load_config()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="benchmark-")))
        workspace = Workspace.create(Path(tempfile.gettempdir()), f"benchmark-{time.monotonic_ns()}")
        stack.callback(workspace.remove)
        spawner = Spawner(workspace)
        stack.callback(spawner.close)
        block = AddressBlock.lease(config.cache_dir)
        stack.callback(block.release)
        resolver = Resolver(block.next(0), block.ports[53], spawner, workspace)
        resolver.start()
        programs = in_reach(postgres_bin(config.postgres_bin), config.cache_dir)
        yield Place(folder, workspace, spawner, block, resolver, programs)
