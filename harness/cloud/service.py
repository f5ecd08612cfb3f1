"""What a service of the embedded cloud is: a class that answers AWS operations for the resource types it owns.

Each resource type has one owner of its state: a module below `services/`, or moto wholly. A service class names the
operations it answers with `@operation`, and in `passes` those that moto may answer; any other operation of it gets a
clean 501. Answers are plain dictionaries in the shape of the botocore model; refusals are AwsError with AWS's own code.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, TypeVar

from harness.capabilities import Darkness
from harness.config import Config
from harness.estate import Estate, Role
from harness.machines.addresses import AddressBlock
from harness.machines.processes import Spawner
from harness.machines.workspace import Workspace

if TYPE_CHECKING:
    from harness.cloud.codec import Wire
    from harness.cloud.names import Names

Answer = dict[str, Any]
H = TypeVar("H", bound=Callable[..., Answer])
S = TypeVar("S", bound="Service")


class AwsError(Exception):
    """A refusal as AWS gives it: error code, message, HTTP status."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status


class Unreachable(Exception):
    """No answer at all: the connection is closed at once, or, given an event, left silent until that comes."""

    def __init__(self, until: threading.Event | None = None) -> None:
        super().__init__("nobody answers")
        self.until = until


@dataclass(frozen=True, slots=True)
class Call:
    """One decoded request. `service` is botocore's name ("elbv2"), `actor` who holds the access key."""

    service: str
    operation: str
    region: str
    actor: str
    request_id: str
    params: Mapping[str, Any] = field(default_factory=dict)


class Pace(Protocol):
    """AWS's durations at the drill's speed."""

    factor: float

    def scaled(self, aws_time: timedelta, *, at_least: timedelta = timedelta(0)) -> timedelta:
        """The drill's duration for one of AWS's; `at_least` keeps a loop from spinning."""
        ...

    def later(
        self, aws_time: timedelta, what: str, act: Callable[[], None], *, at_least: timedelta = timedelta(0)
    ) -> None:
        """Do `act` in the background once `aws_time` at the drill's pace has passed; dropped if the cloud goes down."""
        ...

    def behind(self, what: str, act: Callable[[], None]) -> None:
        """Do `act` in the background now; an exception in it is recorded as a Problem."""
        ...


class World(Protocol):
    """What every service may use: the estate, the machines' foundations, the clock of AWS and its neighbours."""

    estate: Estate
    config: Config
    workspace: Workspace
    spawner: Spawner
    addresses: AddressBlock
    names: Names

    @property
    def pace(self) -> Pace: ...

    @property
    def endpoint_url(self) -> str:
        """Where the API of this cloud is served. Raises EnvironmentFailed until it is."""
        ...

    @property
    def resolver(self) -> tuple[str, int]:
        """The estate's DNS server, for those who are told of it. Raises EnvironmentFailed until it serves."""
        ...

    def zone_of(self, region: str) -> int:
        """The third octet of a region's addresses: 1 primary, 2 DR (0 is global)."""
        ...

    def is_reachable(self, region: str) -> bool:
        """Whether that region answers; one that is lost does not."""
        ...

    def record(self, fact: object) -> None:
        """Append a fact to the drill's log."""
        ...

    def neighbour(self, kind: type[S]) -> S:
        """Another service of this cloud; it exists even if it has not started yet."""
        ...

    def access_key(self, actor: str) -> tuple[str, str]:
        """The access key id and secret of an actor."""
        ...

    def moto(self, service: str, region: str) -> Any:
        """moto's own object for a service that it owns, for whoever stands beside it."""
        ...


class Host(Protocol):
    """Something that runs in a region and is lost, or out of reach, with it."""

    def go_dark(self, how: Darkness) -> None:
        """Be out of reach at once. May be called twice."""
        ...

    def is_dark(self) -> bool: ...

    def come_back(self) -> None:
        """Run again, with what it held if it keeps anything. May be called twice."""
        ...


class Service:
    """Base of the cloud's services; found by walking `harness.cloud.services`, made once with the world."""

    name: ClassVar[str]
    passes: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, world: World) -> None:
        self.world = world
        self.parts: tuple[object, ...] = ()
        """What answers operations besides the service itself, where one class would be too large."""

    def raise_estate(self) -> None:
        """Bring up this service's part of the estate; called once, concurrently with the other services."""

    def check(self, call: Call) -> None:
        """Refuse, by raising AwsError, what AWS refuses; asked before each operation of this service, also moto's."""

    def answered(self, call: Call, path: str, query: Mapping[str, str], wire: Wire) -> Wire:
        """Told of each answer that moto gave for this service; what it returns is sent."""
        return wire

    def target(self, role: Role) -> object | None:
        """The machine in that place, with the capabilities that faults ask for; None where the place is not ours."""
        return None

    def hosts(self, region: str) -> Iterable[Host]:
        """All that runs in a region, for the day on which it is lost as a whole."""
        return ()

    def secrets(self) -> tuple[str, ...]:
        """What no log, fact or bundle may hold."""
        return ()

    def close(self) -> None:
        """Stop watching; machines are stopped by their workspace."""


def operation(name: str) -> Callable[[H], H]:
    """Mark the method that answers an AWS operation."""

    def mark(method: H) -> H:
        method.__aws_operation__ = name  # type: ignore[attr-defined]
        return method

    return mark
