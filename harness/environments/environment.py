"""Where a drill happens: an environment raises the estate, hands out handles, and tears it down."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Protocol

from harness.aws import Actor, Aws, BeforeCall
from harness.dial import Directory
from harness.estate import Role
from harness.login import Login
from harness.machines.processes import Spawner
from harness.objectives import Fidelity


class Environment(Protocol):
    """One place for drills. `up` and `down` are called once each; `down` also after a failed `up`."""

    name: str
    fidelity: Fidelity
    """How real its data plane is: servers that hold data, or answers without any."""

    def up(self) -> None:
        """Raise the estate; returns when it serves. Raises EnvironmentFailed."""
        ...

    def down(self) -> tuple[str, ...]:
        """Remove everything; returns what could not be removed."""
        ...

    @property
    def directory(self) -> Directory:
        """How to reach the estate by its own names."""
        ...

    @property
    def spawner(self) -> Spawner:
        """Starts processes that die with the harness."""
        ...

    def aws(self, actor: Actor, *, before_call: Sequence[BeforeCall] = ()) -> Aws:
        """A client factory for one actor."""
        ...

    def login(self) -> Login:
        """How the application logs in to the database."""
        ...

    def target(self, role: Role) -> object:
        """The thing in that place, with the capabilities that faults ask for."""
        ...

    def logs(self) -> Sequence[Path]:
        """The servers' log files."""
        ...

    def secrets(self) -> Collection[str]:
        """Strings that must never reach a bundle."""
        ...

    def declared(self) -> Sequence[tuple[str, str]]:
        """What this environment cannot make real: (what, why)."""
        ...
