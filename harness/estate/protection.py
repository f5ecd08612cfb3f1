"""How the estate is backed up: AWS Backup's vaults, and the plan that fills them."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from harness.estate.parts import EstatePart, Name, Placed, Role


class Vault(Placed):
    """A backup vault: where recovery points are kept."""

    name: Annotated[str, Field(pattern=r"^[a-zA-Z0-9_-]{2,50}$")]

    @property
    def called(self) -> str:
        return self.name


class BackupPlan(EstatePart):
    """A backup plan of one rule: what it protects goes to `vault` on schedule, and a copy of it to `copies_to`."""

    name: Annotated[str, Field(pattern=r"^[a-zA-Z0-9_.-]{1,50}$")]
    vault: Name
    copies_to: Name | None = None
    schedule: Annotated[str, Field(pattern=r"^cron\(.+\)$")]
    retention_days: Annotated[int, Field(ge=1)] = 35
    service_role: Name = "service-role/AWSBackupDefaultServiceRole"
    protects: tuple[Role, ...]
