"""The embedded environment: the estate on real servers of this host, behind the embedded cloud."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import ExitStack
from pathlib import Path

from harness.aws import Actor, Aws, BeforeCall
from harness.cloud.cloud import Cloud
from harness.cloud.services.rds import Rds
from harness.config import PLACES_TO_WORK, Config
from harness.dial import Directory
from harness.estate import Estate, Role
from harness.events import EventLog
from harness.login import Login
from harness.machines.addresses import AddressBlock
from harness.machines.processes import Spawner
from harness.machines.workspace import Workspace, sweep
from harness.objectives import Fidelity

DECLARED = (
    ("TLS to the database", "the PostgreSQL of the embedded environment is built without it"),
    ("security groups that drop silently", "a closed group refuses at once; with AWS the attempt would time out"),
    ("AWS's own durations", "the embedded cloud keeps them at the drill's pace; the forecast counts them in full"),
)


class EmbeddedEnvironment:
    """One estate in one workspace on one block of loopback addresses; what dead runs left behind is removed first."""

    name = "embedded"
    fidelity = Fidelity.REAL

    def __init__(self, estate: Estate, config: Config, log: EventLog, run: str) -> None:
        self._estate, self._config, self._log, self._run = estate, config, log, run
        self._workspace: Workspace | None = None
        self._addresses: AddressBlock | None = None
        self._spawner: Spawner | None = None
        self._cloud: Cloud | None = None

    def up(self) -> None:
        for place in {self._config.work_dir, *PLACES_TO_WORK}:
            sweep(place)
        self._workspace = Workspace.create(self._config.work_dir, self._run)
        self._spawner = Spawner(self._workspace)
        self._addresses = AddressBlock.lease(self._config.cache_dir)
        self._cloud = Cloud(
            self._estate,
            log=self._log,
            pace=self._config.pace,
            workspace=self._workspace,
            spawner=self._spawner,
            addresses=self._addresses,
            config=self._config,
        )
        self._cloud.up()

    def down(self) -> tuple[str, ...]:
        """In order, and each part also when the one before failed."""
        left: list[str] = []
        with ExitStack() as parts:
            if self._addresses:
                parts.callback(self._addresses.release)
            if workspace := self._workspace:
                parts.callback(lambda: left.extend(workspace.remove()))
            if self._spawner:
                parts.callback(self._spawner.close)
            if self._cloud:
                parts.callback(self._cloud.down)
        return tuple(left)

    @property
    def cloud(self) -> Cloud:
        """The embedded cloud. Only for what no AWS API can tell: tests, and `drill cloud up`."""
        assert self._cloud, "the environment is not up"
        return self._cloud

    @property
    def directory(self) -> Directory:
        return self.cloud.directory

    @property
    def spawner(self) -> Spawner:
        assert self._spawner, "the environment is not up"
        return self._spawner

    def aws(self, actor: Actor, *, before_call: Sequence[BeforeCall] = ()) -> Aws:
        return Aws(
            self.cloud.endpoint_url,
            self.cloud.keys(actor),
            region=self._estate.regions.primary,
            before_call=before_call,
        )

    def login(self) -> Login:
        """The account that the application's secret holds."""
        return self.cloud.service(Rds).login()

    def target(self, role: Role) -> object:
        return self.cloud.target(role)

    def logs(self) -> Sequence[Path]:
        return sorted((self._workspace.root / "logs").glob("*.log")) if self._workspace else ()

    def secrets(self) -> Collection[str]:
        return self._cloud.secrets() if self._cloud else ()

    def declared(self) -> Sequence[tuple[str, str]]:
        return DECLARED


ENVIRONMENT = EmbeddedEnvironment
