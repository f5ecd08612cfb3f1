"""A workspace, processes, a resolver and one client at a time."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.config import load_config
from harness.machines.addresses import AddressBlock
from harness.machines.processes import Spawner
from harness.machines.resolver import Resolver
from harness.machines.workspace import Workspace


@pytest.fixture
def workspace() -> Iterator[Workspace]:
    folder = Path(tempfile.mkdtemp(prefix="lmtest-"))
    folder.chmod(0o755)
    made = Workspace.create(folder, "test")
    yield made
    made.remove()
    shutil.rmtree(folder, ignore_errors=True)


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
    made = Resolver(block.next(0), block.ports[53], spawner, workspace)
    made.start()
    return made
