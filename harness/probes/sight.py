"""What a probe needs to look at an estate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from harness.aws import Aws
from harness.clock import Clock
from harness.dial import Directory
from harness.estate import Estate
from harness.facts import AtStake, DataChecked
from harness.login import Login


@dataclass(frozen=True, slots=True)
class Sight:
    """What it takes to look at an estate."""

    aws: Aws
    estate: Estate
    directory: Directory
    login: Login
    clock: Clock
    baseline: DataChecked | None = None
    """What the data was before the disaster, where anybody looked."""
    ledgers: Mapping[AtStake, tuple[Path, ...]] = field(default_factory=dict)
    """The files in which clients that are at work keep what was acknowledged, by where they write."""

    @property
    def database_name(self) -> tuple[str, int]:
        """Where direct writers find the database: its name in the zone, and the port."""
        return self.estate.zone.database_name, self.directory.port(5432)
