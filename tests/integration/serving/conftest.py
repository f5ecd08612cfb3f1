"""A workspace, processes and addresses of one test's own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.config import load_config
from harness.machines.addresses import AddressBlock
from harness.machines.processes import Spawner
from harness.machines.workspace import Workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    for place in (tmp_path, tmp_path.parent, tmp_path.parent.parent):
        place.chmod(place.stat().st_mode | 0o011)  # the servers' account has to pass through
    made = Workspace.create(tmp_path, "test")
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
