"""Raises the estate's databases: clones of one seeded template, replicas streaming, standbys synchronous."""

from __future__ import annotations

import hashlib
import itertools
import secrets
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

from harness.aws_rules.durations import ARCHIVE_LOG
from harness.aws_rules.tags import drill_target
from harness.cloud.service import World
from harness.cloud.services.rds.keys import default_key
from harness.cloud.services.rds.machine import DatabaseInstance
from harness.cloud.services.rds.state import DbInstance, Endpoint, Instances
from harness.estate import Database
from harness.login import Login
from harness.machines.backup import BaseBackup, Copier, Origin, of_archive
from harness.machines.binaries import in_reach, postgres_bin
from harness.machines.postgres import PostgresServer
from harness.machines.seed import APP_USER, REPLICATION_USER
from harness.machines.template import Template, template

POSTGRES = 5432


class Foundry:
    """Makes servers for one cloud, all from the same template and with the same accounts."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.login = Login(APP_USER, secrets.token_urlsafe(18), world.estate.seed.database)
        self.replicator = Login(REPLICATION_USER, secrets.token_urlsafe(18), world.estate.seed.database)
        self._template: Template | None = None
        self._names: set[str] = set()

    def new_name(self, wanted: str) -> str:
        """A name for a server that none has had: what is deleted may be made again, and in another region too."""
        numbered = (f"{wanted}-{number}" if number else wanted for number in itertools.count())
        name = next(name for name in numbered if name not in self._names)
        self._names.add(name)
        return name

    def prepare(self) -> None:
        """Find the programs and the template; make the template when the cache holds none (about 2 s)."""
        config = self._world.config
        self.programs = in_reach(postgres_bin(config.postgres_bin), config.cache_dir)
        self._template = template(
            config.cache_dir,
            self.programs,
            self._world.estate.seed,
            workspace=self._world.workspace,
            spawner=self._world.spawner,
        )

    @property
    def copier(self) -> Copier:
        """Makes base backups of the servers."""
        return Copier(self.programs, self._world.workspace, self._world.spawner, self.replicator)

    def seed(self, folder: Path) -> BaseBackup:
        """What every database of the estate holds when it starts, as the first backup of it."""
        assert self._template, "prepare() comes first"
        return of_archive(self._template.archive, self._template.database, folder, self._world.spawner)

    def server(
        self, name: str, region: str, *, origin: Origin | None = None, archive: Path | None = None
    ) -> PostgresServer:
        """A server on an address of its own, not started; a clone of the seed or made from a backup.

        It shares the archive that it is given, with the server in whose place it may come.
        """
        assert self._template, "prepare() comes first"
        self._names.add(name)
        return PostgresServer(
            name,
            address=self._world.addresses.next(self._world.zone_of(region)),
            port=self._world.addresses.ports[POSTGRES],
            programs=self.programs,
            template=origin or self._template,
            archive=archive,
            archive_timeout=self._world.pace.scaled(ARCHIVE_LOG),
            workspace=self._world.workspace,
            spawner=self._world.spawner,
            app=self.login,
            replicator=self.replicator,
        )


def endpoint_of(world: World, database: Database) -> Endpoint:
    """The instance's name, the same for a whole account and region, and the port of this run."""
    account = hashlib.sha256(f"{world.estate.account_id}{database.region}".encode()).hexdigest()[:12]
    host = f"{database.identifier}.c{account}.{database.region}.rds.amazonaws.com"
    return Endpoint(host, world.addresses.ports[POSTGRES])


def found(world: World, foundry: Foundry, instances: Instances) -> None:
    """Make every instance of the estate and its links; nothing is started."""
    for database in world.estate.databases:
        if database.raised:
            instances.add(_new(world, foundry, database))
    for instance in instances:
        if instance.database.source:
            _link(instance, instances.of_role(instance.database.source))


def start_all(instances: Iterable[DbInstance]) -> None:
    """Start all servers at once; return when replicas stream and commits wait for their standbys."""
    all_of_them = tuple(instances)
    servers = [server for one in all_of_them for server in (one.machine.server, one.machine.standby) if server]
    _at_once([server.start for server in servers])
    _at_once([one.machine.wait_guarded if one.source is None else one.machine.wait_following for one in all_of_them])


def _new(world: World, foundry: Foundry, database: Database) -> DbInstance:
    machine = DatabaseInstance(database.identifier, foundry.server(database.identifier, database.region), foundry.login)
    if database.multi_az:
        standby = foundry.server(f"{database.identifier}-standby", database.region, archive=machine.server.archive)
        machine.guard_with(standby)
    resource = hashlib.sha256(database.identifier.encode()).hexdigest()[:26].upper()
    return DbInstance(
        database=database,
        arn=f"arn:aws:rds:{database.region}:{world.estate.account_id}:db:{database.identifier}",
        resource_id=f"db-{resource}",
        endpoint=endpoint_of(world, database),
        machine=machine,
        created=datetime.now(UTC),
        groups=[database.security_group],
        multi_az=database.multi_az,
        backup_retention=database.backup_retention_days,
        role=database.role,
        backup_window=database.backup_window,
        parameter_group=database.parameter_group,
        subnet_group=database.subnet_group,
        kms_key=default_key(database.region, world.estate.account_id) if database.encrypted else None,
        deletion_protection=database.deletion_protection,
        tags=drill_target(),
    )


def _link(replica: DbInstance, source: DbInstance) -> None:
    replica.source = source
    source.replicas.append(replica)
    replica.machine.follow(source.machine, replica.database.apply_delay)


def _at_once(acts: list[Callable[[], None]]) -> None:
    with ThreadPoolExecutor(max(1, len(acts)), "databases") as pool:
        for done in [pool.submit(act) for act in acts]:
            done.result()
