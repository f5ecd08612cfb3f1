"""One real embedded cloud for the tests of a module, or a part of it: only the services that the tests are about."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

from harness.aws import Actor, Aws
from harness.cloud.cloud import Cloud
from harness.cloud.service import Service
from harness.cloud.services.rds import Rds
from harness.cloud.services.rds.machine import DatabaseInstance
from harness.config import load_config
from harness.estate import Estate, Role, load_estate
from harness.facts import Problem
from harness.machines.addresses import AddressBlock
from harness.machines.processes import Spawner
from harness.machines.workspace import Workspace
from harness.wait import until

F = TypeVar("F")
ESTATE = Path(__file__).parents[3] / "scenarios" / "labelmint.toml"
PRIMARY = "labelmintit-production-db-enhanced"
REPLICA = "labelmintit-production-db-read-replica"
DR_REPLICA = "labelmintit-production-dr-db-replica"
EAST, WEST = "us-east-1", "us-west-2"


@dataclass(slots=True)
class Facts:
    """A log that keeps its facts in memory."""

    written: list[tuple[object, bool]] = field(default_factory=list)

    def write(self, fact: object, *, durable: bool = True) -> object:
        self.written.append((fact, durable))
        return None

    def all(self, kind: type[F]) -> list[F]:
        return [fact for fact, _ in self.written if isinstance(fact, kind)]


@dataclass(frozen=True, slots=True)
class Raised:
    """A cloud that is up, its log, and the automation's clients."""

    cloud: Cloud
    log: Facts
    aws: Aws

    def instance(self, identifier: str, region: str = EAST) -> dict[str, Any]:
        """A DB instance as RDS describes it now."""
        described = self.aws.rds(region).describe_db_instances(DBInstanceIdentifier=identifier)
        return dict(described["DBInstances"][0])

    def wait_status(self, identifier: str, status: str, region: str = EAST) -> None:
        what = f"{identifier} is {status}"
        until(
            what, lambda: self.instance(identifier, region)["DBInstanceStatus"] == status, within=timedelta(seconds=30)
        )

    @contextmanager
    def slowed(self) -> Iterator[None]:
        """What is asked for in here takes seconds, so that it can be met half done."""
        usual, self.cloud.pace.factor = self.cloud.pace.factor, 0.05
        try:
            yield
        finally:
            self.cloud.pace.factor = usual

    def machine(self, which: Role | str) -> DatabaseInstance:
        return self.cloud.service(Rds).machine(which)


@contextmanager
def raised(*only: type[Service], pace: float = 0.0, estate: Estate | None = None) -> Iterator[Raised]:
    """A cloud of these services; fails when anything in it went wrong unseen."""
    root = Path(tempfile.mkdtemp(prefix="lmtest-"))
    root.chmod(0o755)  # pytest's own directories are closed to the servers' account
    config, log = load_config(), Facts()
    workspace = Workspace.create(root, "test")
    spawner = Spawner(workspace)
    addresses = AddressBlock.lease(config.cache_dir)
    try:
        cloud = Cloud(
            estate or load_estate(ESTATE), log=log, config=config, workspace=workspace, spawner=spawner,
            addresses=addresses, pace=pace, only=only or None,
        )  # fmt: skip
        with cloud:
            aws = Aws(cloud.endpoint_url, cloud.keys(Actor.AUTOMATION), region=EAST)
            yield Raised(cloud, log, aws)
            aws.close()
    finally:
        spawner.close()
        left = workspace.remove()
        addresses.release()
        shutil.rmtree(root, ignore_errors=True)
    assert left == ()
    assert log.all(Problem) == []


def refusal(call: Callable[[], object]) -> tuple[str, int, int]:
    """Code, HTTP status and number of retries of the refusal that a call meets."""
    from botocore.exceptions import ClientError

    try:
        call()
    except ClientError as error:
        metadata = error.response["ResponseMetadata"]
        return str(error.response["Error"]["Code"]), metadata["HTTPStatusCode"], metadata["RetryAttempts"]
    raise AssertionError("the call was not refused")
