"""A work directory, a workspace, processes, addresses and database instances of one test's own."""

from __future__ import annotations

import shutil
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
from harness.machines.seed import APP_USER, REPLICATION_USER
from harness.machines.template import Login, Template, template
from harness.machines.workspace import Workspace

PASSWORD = r"it's a pass\word: really"
SEED = Seed(users=20, projects=5, task_submissions=100)

Build = Callable[[str], PostgresServer]


@pytest.fixture
def work_dir() -> Iterator[Path]:
    """pytest's own directories are closed to the servers' account."""
    made = Path(tempfile.mkdtemp(prefix="lmtest-", dir=load_config().work_dir))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture
def workspace(work_dir: Path) -> Iterator[Workspace]:
    made = Workspace.create(work_dir, "test")
    yield made
    assert made.remove() == ()


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


@pytest.fixture(scope="session")
def programs() -> Path:
    config = load_config()
    return in_reach(postgres_bin(config.postgres_bin), config.cache_dir)


@pytest.fixture
def seeded(programs: Path, workspace: Workspace, spawner: Spawner) -> Template:
    return template(load_config().cache_dir, programs, SEED, workspace=workspace, spawner=spawner)


@pytest.fixture
def build(programs: Path, seeded: Template, workspace: Workspace, spawner: Spawner, block: AddressBlock) -> Build:
    """Makes instances that were not started yet."""
    return lambda name: PostgresServer(
        name, address=block.next(1), port=block.ports[5432], programs=programs, template=seeded, workspace=workspace,
        spawner=spawner, app=Login(APP_USER, PASSWORD), replicator=Login(REPLICATION_USER, PASSWORD),
    )  # fmt: skip


@pytest.fixture
def primary(build: Build) -> PostgresServer:
    """A running primary."""
    server = build("primary")
    server.start()
    return server
