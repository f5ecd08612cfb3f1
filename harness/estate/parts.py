"""What every part of the estate has in common."""

from __future__ import annotations

import enum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Name = Annotated[str, Field(min_length=1, max_length=255)]
Port = Annotated[int, Field(ge=1, le=65535)]


class Role(enum.StrEnum):
    """The places that drills speak of."""

    PRIMARY_REGION = "primary-region"
    PRIMARY_DATABASE = "primary-database"
    READ_REPLICA = "read-replica"
    DR_DATABASE = "dr-database"
    RESTORED_DATABASE = "restored-database"
    CACHE = "cache"
    DR_CACHE = "dr-cache"
    RESTORED_CACHE = "restored-cache"
    APPLICATION = "application"
    DR_APPLICATION = "dr-application"
    BALANCER = "balancer"
    DR_BALANCER = "dr-balancer"
    UPLOADS = "uploads"
    DR_UPLOADS = "dr-uploads"
    ASSETS = "assets"
    DR_ASSETS = "dr-assets"
    BACKUPS = "backups"
    DR_BACKUPS = "dr-backups"


class EstatePart(BaseModel):
    """Anything written in the estate file: unknown keys are refused, nothing changes after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Placed(EstatePart):
    """A part that lives in one region."""

    region: Name


class Region(Placed):
    """A region with all that is in it."""

    role: Role

    @property
    def called(self) -> str:
        return self.region
