"""The embedded cloud: the estate raised on real machines in two regions, behind one AWS endpoint.

    with Cloud(estate, log=log, config=config, workspace=workspace, spawner=spawner, addresses=addresses) as cloud:
        Aws(cloud.endpoint_url, cloud.keys(Actor.AUTOMATION), region="us-east-1").rds().describe_db_instances()

moto keeps its state in the process, so a process has one cloud at a time; several may follow one another.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from datetime import timedelta
from typing import Any, Protocol, TypeVar

from harness import garbage
from harness.aws import Actor, Credentials
from harness.clock import SystemClock, span
from harness.cloud import codec, settings
from harness.cloud.actors import Actors
from harness.cloud.discovery import service_classes
from harness.cloud.endpoint import Endpoint
from harness.cloud.moto_backend import MotoBackend
from harness.cloud.names import Names
from harness.cloud.overlay import Fault, Overlay
from harness.cloud.pace import PacedTime
from harness.cloud.region import RegionSwitch
from harness.cloud.service import Host, Service
from harness.config import Config
from harness.dial import Directory
from harness.errors import BadEstate, EnvironmentFailed
from harness.estate import Estate, Role
from harness.machines.addresses import AddressBlock
from harness.machines.disk import disk_full, has_no_room
from harness.machines.processes import Spawner
from harness.machines.resolver import Resolver
from harness.machines.workspace import Workspace

S = TypeVar("S", bound=Service)
_LOOK = 0.5
"""Seconds between looks at the disk while the estate is raised."""


class Log(Protocol):
    """Where facts go; `harness.events.EventLog` is one."""

    def write(self, fact: object, *, durable: bool = True) -> object: ...


class Cloud:
    """One estate. It is the `World` that its services see. `up` once, `down` once; `down` is safe at any time."""

    def __init__(
        self,
        estate: Estate,
        *,
        log: Log,
        config: Config,
        workspace: Workspace,
        spawner: Spawner,
        addresses: AddressBlock,
        pace: float | None = None,
        only: Iterable[type[Service]] | None = None,
    ) -> None:
        self.estate = estate
        self.config = config
        self.workspace = workspace
        self.spawner = spawner
        self.addresses = addresses
        self.pace = PacedTime(config.pace if pace is None else pace, log.write)
        self.took: dict[str, timedelta] = {}
        """How long each part took to come up."""
        self._log = log
        self._actors = Actors()
        self._moto = MotoBackend(estate.account_id)
        self._kinds = tuple(only) if only is not None else service_classes()
        self._services: dict[type[Service], Service] = {}
        self._endpoint: Endpoint | None = None
        self._overlay: Overlay | None = None
        self._resolver = Resolver(addresses.next(0), addresses.ports[53], spawner, workspace)
        self.names = Names(self._resolver.publish)
        primary = estate.regions.primary
        kept = [bucket.name for bucket in estate.buckets if bucket.region == primary]
        self._primary_region = RegionSwitch(primary, lambda: self._hosts(primary), kept)
        self._down = threading.Lock()
        self._is_down = False

    def __enter__(self) -> Cloud:
        try:
            self.up()
        except BaseException:
            self.down()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.down()

    def up(self) -> None:
        """Raise the whole estate; returns when it serves. Raises what the first failing part raised, at once."""
        garbage.seldom()
        for kind in self._kinds:
            self._services[kind] = kind(self)
        by_name = {service.name: service for service in self._services.values()}
        self._overlay = Overlay(by_name, self._moto, self._actors, self._log.write)
        self._overlay.faults.append(self._primary_region.refuse)
        self._endpoint = Endpoint(self.addresses.next(0), self._overlay)
        parts: dict[str, Callable[[], None]] = {name: service.raise_estate for name, service in by_name.items()}
        parts["resolver"] = self._resolver.start
        parts["codec"] = lambda: self._warm(("ssm", "secretsmanager"))
        parts["settings"] = lambda: settings.register(self, self._moto)
        outcomes: queue.SimpleQueue[BaseException | None] = queue.SimpleQueue()
        for name, act in parts.items():
            threading.Thread(target=self._raise, args=(name, act, outcomes), name=f"raise-{name}", daemon=True).start()
        for _ in parts:
            if (failure := self._outcome(outcomes)) is not None:
                raise failure
        self.pace.behind("loading the models of all services", lambda: self._warm(by_name))

    def down(self) -> None:
        """Take everything down; machines that still run are ended by their spawner."""
        with self._down:
            if self._is_down:
                return
            self._is_down = True
        with ExitStack() as last_first:  # whatever fails, the rest is still taken down
            last_first.callback(self._moto.forget)
            last_first.callback(self._resolver.stop)
            if self._endpoint:
                last_first.callback(self._endpoint.stop)
            last_first.callback(self.pace.close)
            for service in self._services.values():
                last_first.callback(service.close)
            if self._overlay:
                last_first.callback(self._overlay.close)

    @property
    def endpoint_url(self) -> str:
        if self._endpoint is None:
            raise EnvironmentFailed("the embedded cloud is not up")
        return self._endpoint.url

    @property
    def directory(self) -> Directory:
        """How anything reaches the estate by its own names."""
        return Directory(self.resolver, self.addresses.ports, self.pace.factor)

    @property
    def resolver(self) -> tuple[str, int]:
        return self._resolver.address, self._resolver.port

    @property
    def faults(self) -> list[Fault]:
        """What breaks the control plane: callables that may raise AwsError or Unreachable for a Call."""
        if self._overlay is None:
            raise EnvironmentFailed("the embedded cloud is not up")
        return self._overlay.faults

    def keys(self, actor: Actor) -> Credentials:
        return self._actors.keys(actor)

    def service(self, kind: type[S]) -> S:
        """The service of that class."""
        service = self._services[kind]
        assert isinstance(service, kind)
        return service

    def target(self, role: Role) -> object:
        """The machine in that place. Raises BadEstate when no service of this cloud has one."""
        if role is Role.PRIMARY_REGION:
            return self._primary_region
        for service in self._services.values():
            if (machine := service.target(role)) is not None:
                return machine
        raise BadEstate(f"nothing can strike {role}", hint="It needs a service that has a machine in that place.")

    def neighbour(self, kind: type[S]) -> S:
        return self.service(kind)

    def access_key(self, actor: str) -> tuple[str, str]:
        key = self._actors.keys(Actor(actor))
        return key.access_key_id, key.secret_access_key

    def moto(self, service: str, region: str) -> Any:
        return self._moto.backend(service, region)

    def zone_of(self, region: str) -> int:
        return 1 if region == self.estate.regions.primary else 2

    def is_reachable(self, region: str) -> bool:
        return region != self.estate.regions.primary or not self._primary_region.is_out_of_reach()

    def record(self, fact: object) -> None:
        self._log.write(fact)

    def secrets(self) -> tuple[str, ...]:
        """What no log, fact or bundle may hold."""
        keys = [self._actors.keys(actor).secret_access_key for actor in Actor]
        return (*keys, *(secret for service in self._services.values() for secret in service.secrets()))

    def _hosts(self, region: str) -> tuple[Host, ...]:
        return tuple(host for service in self._services.values() for host in service.hosts(region))

    def _outcome(self, outcomes: queue.SimpleQueue[BaseException | None]) -> BaseException | None:
        """How the next part came up. On a full disk parts wait in vain for one another: that is told instead."""
        while True:
            try:
                return outcomes.get(timeout=_LOOK)
            except queue.Empty:
                if has_no_room(self.workspace.root):
                    return disk_full(f"the estate cannot be raised: no room is left in {self.workspace.root.parent}")

    def _warm(self, services: Iterable[str]) -> None:
        for name in services:
            codec.warm(name)

    def _raise(self, part: str, act: Callable[[], None], outcomes: queue.SimpleQueue[BaseException | None]) -> None:
        clock = SystemClock()
        started = clock.now()
        try:
            act()
        except BaseException as error:  # the boundary of a thread: `up` raises it
            outcomes.put(error)
        else:
            self.took[part] = span(started, clock.now())
            outcomes.put(None)
