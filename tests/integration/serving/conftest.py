"""A workspace, processes, addresses and servers of one test's own."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from harness.config import load_config
from harness.estate import Seed
from harness.machines.addresses import AddressBlock
from harness.machines.binaries import in_reach, postgres_bin
from harness.machines.postgres import PostgresServer
from harness.machines.processes import Spawner
from harness.machines.resolver import Resolver
from harness.machines.seed import APP_USER, REPLICATION_USER
from harness.machines.tasks import TaskHost
from harness.machines.template import Login, template
from harness.machines.workspace import Workspace

PASSWORD = "correct horse battery staple"


@pytest.fixture
def workspace() -> Iterator[Workspace]:
    # not tmp_path: each session of pytest closes the directory above it to the servers' account
    with tempfile.TemporaryDirectory(prefix="lm-test-") as place:
        Path(place).chmod(0o711)
        made = Workspace.create(Path(place), "test")
        yield made
        made.remove()


@pytest.fixture
def spawner(workspace: Workspace) -> Iterator[Spawner]:
    made = Spawner(workspace)
    yield made
    made.close()


@pytest.fixture
def block() -> Iterator[AddressBlock]:
    leased = AddressBlock.lease(load_config().cache_dir)
    yield leased
    leased.release()


@pytest.fixture
def resolver(workspace: Workspace, spawner: Spawner, block: AddressBlock) -> Resolver:
    """A running resolver that knows no name yet."""
    made = Resolver(block.next(0), block.ports[53], spawner, workspace)
    made.start()
    return made


@pytest.fixture
def host(workspace: Workspace, spawner: Spawner) -> TaskHost:
    """A host of tasks whose imports go on behind."""
    made = TaskHost("us-east-1", spawner, workspace)
    made.start()
    return made


@pytest.fixture
def database(workspace: Workspace, spawner: Spawner, block: AddressBlock) -> Callable[[str], PostgresServer]:
    """Makes database servers with the application's tables; they are not started yet."""
    config = load_config()
    programs = in_reach(postgres_bin(config.postgres_bin), config.cache_dir)
    seed = Seed(database="labelmint", users=20, projects=5, task_submissions=50)
    seeded = template(config.cache_dir, programs, seed, workspace=workspace, spawner=spawner)
    return lambda name: PostgresServer(
        name,
        address=block.next(1),
        port=block.ports[5432],
        programs=programs,
        template=seeded,
        workspace=workspace,
        spawner=spawner,
        app=Login(APP_USER, PASSWORD),
        replicator=Login(REPLICATION_USER, "replicator"),
    )
