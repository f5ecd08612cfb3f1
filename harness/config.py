"""Settings, frozen and read once from `DRILL_*` variables. Nothing else reads the environment for a setting."""

from __future__ import annotations

import difflib
import getpass
import os
import shutil
import tempfile
from pathlib import Path
from typing import Annotated

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from harness.errors import BadConfig


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())


PLACES_TO_WORK = (Path("/dev/shm"), Path(tempfile.gettempdir()))  # noqa: S108 shared, as its successor is
"""Where estates live unless told otherwise. In memory a run takes seconds less: a disk that was written to a minute
ago is slow to make and remove the 5000 files of five databases."""
_ROOM = 4 << 30


def _place_to_work(memory: Path, disk: Path) -> Path:
    try:
        free = shutil.disk_usage(memory).free
    except OSError:
        return disk
    return memory if free >= _ROOM and os.access(memory, os.W_OK | os.X_OK) else disk


class Config(BaseSettings):
    """What an engineer may set from outside; every value has a default that works on a laptop."""

    model_config = SettingsConfigDict(env_prefix="DRILL_", frozen=True, extra="ignore", env_ignore_empty=True)

    pace: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)] = 0.004
    """Seconds of the drill for each second that AWS would take; 0 is at once, 1 is real time."""
    work_dir: Path = Field(default_factory=lambda: _place_to_work(*PLACES_TO_WORK))
    """Where data directories of running estates live: in memory, where there is room for it."""
    cache_dir: Path = Path(tempfile.gettempdir()) / f"labelmint-dr-cache-{_user()}"
    """Where the initialised and seeded database template is kept between runs."""
    out_dir: Path = Path("reports/out")
    """Where evidence bundles and reports are written."""
    estate: Path = Path("scenarios/labelmint.toml")
    """The estate file."""
    runbook_url: Annotated[str, Field(pattern=r"^https?://\S+$")] | None = None
    """Where the runbook can be read: reports link each drill to its section there."""
    postgres_bin: Path | None = None
    """A directory of PostgreSQL programs to use instead of the wheel's."""


A_PACE = "Give a number from 0 (at once) to 1 (real time)."
_HINTS = {"DRILL_PACE": A_PACE}
_READ_ELSEWHERE = frozenset({"DRILL_DEBUG"})
"""Variables that have to work when the settings themselves cannot be read."""


def load_config() -> Config:
    """Read the settings. Raises BadConfig naming the variable, also for one that is none of them."""
    _refuse_misspelt()
    try:
        return Config()
    except ValidationError as error:
        first = error.errors()[0]
        name = "DRILL_" + str(first["loc"][0]).upper()
        hint = f"{_HINTS.get(name, '')} Unset it to get the default.".lstrip()
        raise BadConfig(f"{name} is {first['input']!r}: {lower(first['msg'])}", hint=hint) from error


def _refuse_misspelt() -> None:
    """A setting that nobody reads would be thought to be in force."""
    known = {f"DRILL_{name.upper()}" for name in Config.model_fields} | _READ_ELSEWHERE
    for name in sorted(os.environ):
        if name.startswith("DRILL_") and name not in known:
            close = difflib.get_close_matches(name, known, n=1)
            hint = f"Did you mean {close[0]}?" if close else f"Unset it; there are {', '.join(sorted(known))}."
            raise BadConfig(f"there is no setting {name}", hint=hint)


def lower(message: str) -> str:
    """A validator's message as the second half of a sentence."""
    return message[:1].lower() + message[1:]
