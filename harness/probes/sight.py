"""What a probe needs to look at an estate."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from harness.aws import Aws
from harness.clock import Clock
from harness.dial import Directory
from harness.estate import Estate
from harness.facts import DataChecked
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
    ledgers: tuple[Path, ...] = ()
    """The files in which clients that are at work keep what the database acknowledged."""
    kept: tuple[Path, ...] = ()
    """The same of the cache."""

    @property
    def database_name(self) -> tuple[str, int]:
        """Where direct writers find the database: its name in the zone, and the port."""
        return self.estate.zone.database_name, self.directory.port(5432)
