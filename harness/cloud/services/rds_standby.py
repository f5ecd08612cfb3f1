"""A standby for an instance that has become Multi-AZ: a real base backup, then synchronous streaming."""

from __future__ import annotations

from datetime import timedelta

from harness.cloud.service import World
from harness.cloud.services.rds_estate import Foundry
from harness.cloud.services.rds_machine import DatabaseInstance
from harness.machines.access import write_password_file
from harness.machines.workspace import give_to_servers

_COPIED_WITHIN = timedelta(minutes=5)


def add(world: World, foundry: Foundry, machine: DatabaseInstance, region: str) -> None:
    """Return when every commit waits for the new standby. Raises MachineFailed, DiskFull, NeverHappened."""
    primary = machine.server
    standby = foundry.server(f"{machine.name}-new-standby", region)
    passwords = world.workspace.folder("secrets") / f"{standby.name}-copy.pass"
    write_password_file(passwords, foundry.replicator)
    source = (
        f"host={primary.address} port={primary.port} user={foundry.replicator.user} sslmode=disable gssencmode=disable"
    )
    world.spawner.run(
        f"base-backup-{standby.name}",
        [
            "nice", foundry.programs / "pg_basebackup", "--pgdata", standby.data, "--wal-method=stream",
            "--checkpoint=fast", "--no-sync", "--no-password", "--dbname", source,
        ],
        as_server_user=True,
        env={"PGPASSFILE": str(passwords)},
        timeout=_COPIED_WITHIN,
    )  # fmt: skip
    # not --write-recovery-conf: what that writes would override the server's own settings for good
    signal = standby.data / "standby.signal"
    signal.touch()
    give_to_servers(signal)
    machine.guard_with(standby)
    standby.start()
    machine.wait_guarded()
