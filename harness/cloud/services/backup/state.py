"""What AWS Backup keeps: vaults with their recovery points, and the jobs that make, copy and restore them."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Generic, Protocol, TypeVar

from harness.cloud.service import AwsError

DAY = timedelta(days=1)

Done = Callable[[str], None]
"""Told once that something has ended: with an empty text when it went well, else with what went wrong."""


@dataclass(frozen=True, slots=True)
class Held:
    """What a recovery point holds of its resource: where AWS says that it is, and whatever its keeper needs."""

    arn: str
    size: Callable[[], int]
    content: object = field(repr=False)


class Keeper(Protocol):
    """How resources of one type are backed up and restored. Each method returns at once and tells `done` later."""

    resource_type: str

    def region_of(self, arn: str) -> str:
        """Where the resource is. Raises ResourceNotFoundException."""
        ...

    def back_up(self, arn: str, job: str, tags: dict[str, str], done: Done) -> Held:
        """Begin a backup. Raises AwsError when the resource cannot be backed up now."""
        ...

    def copy(self, held: Held, region: str, job: str, done: Done) -> Held:
        """Begin a copy into a region. Raises AwsError."""
        ...

    def metadata(self, held: Held) -> dict[str, str]:
        """What a restore that changes nothing would be given."""
        ...

    def check(self, held: Held, metadata: dict[str, str]) -> None:
        """Raises InvalidParameterValueException for metadata with which no job is begun."""
        ...

    def restore(self, held: Held, region: str, metadata: dict[str, str], done: Done) -> str:
        """Begin a restore; returns the ARN of what is made. Raises AwsError, which fails the job."""
        ...

    def remove(self, held: Held) -> None:
        """Delete what is held."""
        ...


@dataclass(slots=True)
class Vault:
    name: str
    arn: str
    region: str
    created: datetime
    tags: dict[str, str] = field(default_factory=dict)
    key: str | None = None


@dataclass(slots=True)
class RecoveryPoint:
    """One backup in a vault. Change it only while the lock of its Points is held."""

    vault: Vault
    resource_arn: str
    keeper: Keeper
    held: Held
    begun: datetime
    role: str
    plan: dict[str, str] = field(default_factory=dict)
    """BackupPlanId and the rest, of one that a plan made."""
    lifecycle: dict[str, int] = field(default_factory=dict)
    source_vault: str = ""
    status: str = "CREATING"
    completed: datetime | None = None
    restored: datetime | None = None

    @property
    def arn(self) -> str:
        return self.held.arn

    def expires(self) -> datetime | None:
        days = self.lifecycle.get("DeleteAfterDays", -1)
        return self.begun + days * DAY if days > 0 else None


@dataclass(slots=True)
class Job:
    """What all jobs have in common. Change one only while the lock of its Jobs is held."""

    region: str
    role: str
    resource_arn: str
    resource_type: str
    plan: dict[str, str] = field(default_factory=dict)
    id: str = field(default_factory=lambda: str(uuid.uuid4()).upper())
    begun: datetime = field(default_factory=lambda: datetime.now(UTC))
    state: str = "CREATED"
    said: str = ""
    percent: float = 0.0
    ended: datetime | None = None

    def runs(self) -> None:
        self.state = "RUNNING"

    def ends(self, failure: str) -> None:
        """COMPLETED, or FAILED with what went wrong."""
        self.state, self.said, self.ended = ("FAILED" if failure else "COMPLETED"), failure, datetime.now(UTC)
        self.percent = self.percent if failure else 100.0


@dataclass(slots=True)
class BackupJob(Job):
    vault: Vault | None = None
    point: RecoveryPoint | None = None


@dataclass(slots=True)
class CopyJob(Job):
    source: RecoveryPoint | None = None
    destination: Vault | None = None
    point: RecoveryPoint | None = None


@dataclass(slots=True)
class RestoreJob(Job):
    source: RecoveryPoint | None = None
    made: str = ""
    metadata: dict[str, str] = field(default_factory=dict)


J = TypeVar("J", bound=Job)


class Jobs(Generic[J]):
    """The jobs of one kind, in the order in which they were started."""

    def __init__(self, kind: str) -> None:
        self.lock = threading.RLock()
        self._kind = kind
        self._all: dict[str, J] = {}

    def __iter__(self) -> Iterator[J]:
        with self.lock:
            return iter(tuple(self._all.values()))

    def add(self, job: J) -> None:
        with self.lock:
            self._all[job.id] = job

    def find(self, region: str, identifier: str) -> J:
        """Raises ResourceNotFoundException."""
        job = self._all.get(identifier.upper())
        if job is None or job.region != region:
            raise AwsError("ResourceNotFoundException", f"{self._kind} job not found: {identifier}")
        return job


class Points:
    """All vaults and recovery points of the account. Hold `lock` to change one."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self._vaults: dict[str, Vault] = {}
        self._points: list[RecoveryPoint] = []

    def __iter__(self) -> Iterator[RecoveryPoint]:
        with self.lock:
            return iter(tuple(self._points))

    def vaults(self, region: str) -> list[Vault]:
        with self.lock:
            return sorted((v for v in self._vaults.values() if v.region == region), key=lambda vault: vault.name)

    def add_vault(self, vault: Vault) -> None:
        """Raises AlreadyExistsException."""
        with self.lock:
            if vault.arn in self._vaults:
                raise AwsError(
                    "AlreadyExistsException", f"Backup vault with the same name already exists: {vault.name}"
                )
            self._vaults[vault.arn] = vault

    def vault(self, region: str, name: str) -> Vault:
        """Raises ResourceNotFoundException."""
        for vault in self.vaults(region):
            if vault.name == name:
                return vault
        raise AwsError("ResourceNotFoundException", f"Backup vault {name} not found in region {region}.")

    def vault_by_arn(self, arn: str) -> Vault:
        """Raises InvalidParameterValueException."""
        if arn in self._vaults:
            return self._vaults[arn]
        raise AwsError("InvalidParameterValueException", f"Backup vault ARN {arn} is not that of a vault.")

    def remove_vault(self, vault: Vault) -> None:
        """Raises InvalidRequestException while it holds recovery points."""
        with self.lock:
            if self.of_vault(vault):
                raise AwsError(
                    "InvalidRequestException", "Backup vault cannot be deleted because it contains recovery points."
                )
            self._vaults.pop(vault.arn, None)

    def add(self, point: RecoveryPoint) -> None:
        with self.lock:
            self._points.append(point)

    def of_vault(self, vault: Vault) -> list[RecoveryPoint]:
        return [point for point in self if point.vault is vault]

    def find(self, vault: Vault, arn: str) -> RecoveryPoint:
        """Raises ResourceNotFoundException."""
        for point in self.of_vault(vault):
            if point.arn == arn:
                return point
        raise AwsError("ResourceNotFoundException", f"Cannot find recovery point {arn} in vault {vault.name}.")

    def by_arn(self, region: str, arn: str) -> RecoveryPoint:
        """Whatever vault of the region it is in. Raises ResourceNotFoundException."""
        for point in self:
            if point.arn == arn and point.vault.region == region:
                return point
        raise AwsError("ResourceNotFoundException", f"Cannot find recovery point {arn}.")

    def remove(self, point: RecoveryPoint) -> None:
        with self.lock:
            self._points.remove(point)
