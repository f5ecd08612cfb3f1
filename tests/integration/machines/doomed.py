"""A harness of its own process, to be killed: it raises servers, says what runs, and waits.

python -m tests.integration.machines.doomed WORK_DIR
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from harness.config import load_config
from harness.machines import watchdog
from harness.machines.addresses import AddressBlock
from harness.machines.binaries import in_reach, postgres_bin
from harness.machines.postgres import PostgresServer
from harness.machines.processes import Spawner
from harness.machines.seed import APP_USER, REPLICATION_USER
from harness.machines.template import Login, template
from harness.machines.workspace import Workspace
from tests.integration.machines.conftest import SEED


def main(work_dir: Path) -> None:
    """Print the number of every process below this one, the block, then a line saying that all is up."""
    config = load_config()
    workspace = Workspace.create(work_dir, "doomed")
    spawner = Spawner(workspace)
    block = AddressBlock.lease(config.cache_dir)
    programs = in_reach(postgres_bin(None), config.cache_dir)
    seeded = template(config.cache_dir, programs, SEED, workspace=workspace, spawner=spawner)
    primary, frozen = (
        PostgresServer(
            name, address=block.next(1), port=block.ports[5432], programs=programs, template=seeded,
            workspace=workspace, spawner=spawner, app=Login(APP_USER, "a"), replicator=Login(REPLICATION_USER, "r"),
        )
        for name in ("primary", "frozen")
    )  # fmt: skip
    primary.start()
    frozen.start()
    frozen.pause()
    spawner.start("stubborn", ["/bin/sh", "-c", "trap '' TERM HUP INT; while :; do sleep 60; done"])
    told = [*map(str, watchdog.descendants_of(os.getpid())), f"up {block.block}"]
    sys.stdout.write("\n".join(told) + "\n")
    sys.stdout.flush()
    signal.pause()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
