"""A standby for an instance that has become Multi-AZ: a real base backup, then synchronous streaming."""

from __future__ import annotations

from harness.cloud.services.rds.foundry import Foundry
from harness.cloud.services.rds.machine import DatabaseInstance
from harness.machines.workspace import give_to_servers


def add(foundry: Foundry, machine: DatabaseInstance, region: str) -> None:
    """Return when every commit waits for the new standby. Raises MachineFailed, DiskFull, NeverHappened."""
    standby = foundry.server(foundry.new_name(f"{machine.name}-standby"), region, archive=machine.server.archive)
    foundry.copier.copy(machine.server, standby.data)
    # not --write-recovery-conf: what that writes would override the server's own settings for good
    signal = standby.data / "standby.signal"
    signal.touch()
    give_to_servers(signal)
    machine.guard_with(standby)
    standby.start()
    machine.wait_guarded()
