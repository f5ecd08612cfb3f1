"""What `drill doctor` looks at in the project: settings, estate and drills. What is wrong is told, not raised."""

from __future__ import annotations

from pathlib import Path

from harness.cli.catalogue import load_catalogue
from harness.cli.checks import Check, State
from harness.cli.project import read_settings
from harness.config import Config
from harness.errors import DrillError
from harness.estate import load_estate


def settings(root: Path) -> tuple[Config, Check]:
    """The settings, or the defaults where they cannot be read, so that all else can be looked at."""
    try:
        config = read_settings(root)
    except DrillError as error:
        return read_settings(root, Config.model_construct()), _wrong("settings", error)
    return config, Check("settings", State.OK, f"pace {config.pace:g}")


def estate(config: Config) -> Check:
    try:
        described = load_estate(config.estate)
    except DrillError as error:
        return _wrong("estate", error)
    return Check("estate", State.OK, f"{described.name} in {config.estate}")


def drills(root: Path) -> Check:
    try:
        entries = load_catalogue(root).entries
    except DrillError as error:
        return _wrong("drills", error)
    return Check("drills", State.OK, ", ".join(entry.name for entry in entries))


def _wrong(name: str, error: DrillError) -> Check:
    return Check(name, State.WRONG, error.message, error.hint)
