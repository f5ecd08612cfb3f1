"""What was seen by looking: probes, the AWS API, the machines themselves."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime, timedelta

from harness.facts.course import Part, Stage

UNBOUNDED = timedelta(days=365)
"""The exposure where nobody knows since when nothing arrives: longer than any promise."""


@dataclass(frozen=True, slots=True)
class Probed:
    """A yes-or-no look at the service: `SELECT 1`, `/health`, a client's first acknowledged write..."""

    stage: Stage
    probe: str
    ok: bool
    detail: str = ""


INTEGRITY = "integrity queries"
"""The probe that is told where the queries cannot even be run to their end."""


@dataclass(frozen=True, slots=True)
class IntegrityCounted:
    """The runbook's three integrity queries, and a digest of every seeded row that should never change."""

    stage: Stage
    users: int
    projects: int
    submissions: int
    latest_submission: datetime | None
    seed_digest: str


class Basis(enum.StrEnum):
    """Where the figure of an exposure comes from."""

    MEASURED = "measured"
    """Seen in this rehearsal."""
    SETTING = "setting"
    """It follows from what is set, or from what is stated."""
    PUBLISHED = "published"
    """AWS says so."""


@dataclass(frozen=True, slots=True)
class ExposureSeen:
    """How much could be lost in the worst case by one mechanism, computed from what the AWS API says."""

    mechanism: str
    exposure: timedelta
    detail: str = ""
    role: str = ""
    """The place whose data comes by that mechanism."""
    basis: Basis | None = None
    """None in bundles of before alone."""


@dataclass(frozen=True, slots=True)
class ForecastInput:
    """One figure that the forecast uses in place of a paced wait: where in the recovery, how long, who says so."""

    part: Part
    what: str
    low: timedelta
    high: timedelta
    source: str
    only_if: str = ""
    """Counted only where the recovery made this call."""


@dataclass(frozen=True, slots=True)
class DataChecked:
    """What each table holds, as a digest, or the error that reading it gave; `damaged` is what amcheck says.

    `began` and `wall` are one moment on the monotonic and on the wall clock: all that was committed before it is in.
    """

    asked: str
    began: int
    wall: datetime
    tables: dict[str, str]
    errors: tuple[str, ...] = ()
    damaged: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BackupSeen:
    """A backup that there is, and of which moment it is, as the API says."""

    identifier: str
    taken: datetime
    kind: str


@dataclass(frozen=True, slots=True)
class ClocksRead:
    """One moment on both clocks: times that the API gives can be told on the clock of the ledgers."""

    monotonic: int
    wall: datetime


@dataclass(frozen=True, slots=True)
class ServedBy:
    """Which database instance, or which cache, answered at `asked`, and whether it takes writes.

    `asked` is a name, or who uses it: the application.
    """

    asked: str
    identifier: str
    role: str
    writable: bool
    region: str = ""


@dataclass(frozen=True, slots=True)
class ProtectionSeen:
    """How well a database is protected, as RDS says: of the one to be struck, later of the one that took over."""

    stage: Stage
    identifier: str
    multi_az: bool
    backup_retention_days: int
    instance_class: str = ""
    parameter_group: str = ""
    encrypted: bool = False
    groups: tuple[str, ...] = ()
    """Its security groups."""
    meant_groups: tuple[str, ...] = ()
    """Those that the estate means it to have."""
    alarms: tuple[str, ...] = ()
    """The metrics that alarms watch."""
    deletion_protection: bool = False
    """Whether RDS refuses to delete it."""


@dataclass(frozen=True, slots=True)
class CacheSeen:
    """A replication group as ElastiCache describes it: those there were, later the one that took over."""

    stage: Stage
    identifier: str
    nodes: int
    node_type: str
    engine_version: str
    parameter_group: str
    subnet_group: str
    security_groups: tuple[str, ...]
    encrypted: bool
    automatic_failover: bool
    multi_az: bool
    snapshot_retention_days: int
    alarms: tuple[str, ...]
    """What alarms watch of its nodes, each with its condition."""
    engine: str = ""
    snapshot_window: str = ""


@dataclass(frozen=True, slots=True)
class WarmthSeen:
    """The share of questions that the cache answered, and what the database was asked meanwhile, each second.

    `took` is how long it was followed until both were as before, or was given up.
    """

    stage: Stage
    hit_rate: float
    transactions: float
    took: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class NightPlayed:
    """From now on the backup is taken that AWS takes each night: what was acknowledged before is in it."""

    role: str


@dataclass(frozen=True, slots=True)
class FencingProbed:
    """Writes sent to the old primary after it came back. `returned` says its server really was up and writable."""

    target: str
    returned: bool
    attempts: int
    acknowledged: int
    detail: str = ""


@dataclass(frozen=True, slots=True)
class ConfigurationSeen:
    """The application's settings and the zone's records, as the API gives them: name -> value."""

    moment: str
    values: dict[str, str]


@dataclass(frozen=True, slots=True)
class MachineEvent:
    """Something a server did: started, ready, exited, was killed."""

    machine: str
    what: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class RoomRanOut:
    """A disk of the drill's own was full, or nearly so: that of the `servers`, or that of the `evidence`."""

    place: str
    of: str


@dataclass(frozen=True, slots=True)
class HostStarved:
    """From `began` to `ended` (monotonic ns) some task of the host was ready and nearly always had no processor."""

    began: int
    ended: int
