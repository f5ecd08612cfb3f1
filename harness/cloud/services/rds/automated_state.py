"""The automated backups of an instance: base backups, and the archived log between them and since."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from harness.cloud.services.rds.snapshot_state import Portrait
from harness.cloud.services.rds.state import DbInstance
from harness.machines.archive import Archive, Commit
from harness.machines.backup import BaseBackup


@dataclass(slots=True)
class AutomatedBackup:
    """What an instance can be restored from to any point in time."""

    instance: DbInstance
    archive: Archive
    portrait: Portrait
    bases: list[tuple[datetime, BaseBackup]] = field(default_factory=list)
    """When each base backup was finished: what it holds is the state of that moment or of one before."""
    scheduled: bool = False
    retained: bool = False
    """The instance has been deleted, and its backups were to be kept."""

    @property
    def arn(self) -> str:
        return self.instance.arn.replace(":db:", ":auto-backup:ab-").replace(
            self.instance.identifier, self.instance.resource_id.removeprefix("db-").lower()
        )

    def is_on(self) -> bool:
        """Whether it is kept: a retention period of 0 turns automated backups off."""
        return self.retained or self.instance.backup_retention > 0

    def earliest(self) -> datetime | None:
        return self.bases[0][0] if self.bases and self.is_on() else None

    def latest(self) -> Commit | None:
        """The last commit that it can be restored to. Raises MachineFailed."""
        found = self.archive.latest_commit() if self.bases and self.is_on() else None
        return found if found and found.at >= self.bases[0][0] else None

    def base_for(self, moment: datetime) -> BaseBackup | None:
        """The base backup to start from; None when all are later."""
        return next((base for taken, base in reversed(self.bases) if taken <= moment), None)
