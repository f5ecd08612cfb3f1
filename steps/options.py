"""The options of a drill run, as `drill run` passes them; each has the default of a developer's laptop."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from harness.config import Config, load_config
from harness.environments import environments
from harness.errors import BadConfig, DrillError
from harness.operators import operators


@dataclass(frozen=True, slots=True)
class Options:
    """Where, by whom, at what pace, and which drills; `out` gets a folder for each drill."""

    environment: str
    operator: str
    config: Config
    out: Path
    drills: frozenset[str]


OPTIONS = pytest.StashKey[Options]()


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("drill", "disaster recovery drills")
    group.addoption("--environment", default="embedded", choices=environments(), help="where the drill happens")
    group.addoption("--operator", default="automation", choices=operators(), help="who recovers")
    group.addoption("--pace", type=float, default=None, help="drill seconds per AWS second, 0 to 1")
    group.addoption("--drill-out", type=Path, default=None, help="where the evidence goes")
    group.addoption("--drill", action="append", default=[], metavar="NAME", help="only this drill; may be repeated")


def pytest_configure(config: pytest.Config) -> None:
    try:
        settings = load_config()
        pace = config.getoption("--pace")
        if pace is not None:
            if not 0 <= pace <= 1:
                raise BadConfig(
                    f"a pace of {pace} is impossible", hint="Give a number from 0 (at once) to 1 (real time)."
                )
            settings = settings.model_copy(update={"pace": pace})
    except DrillError as error:
        raise pytest.UsageError(str(error)) from error
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
    config.stash[OPTIONS] = Options(
        environment=config.getoption("--environment"),
        operator=config.getoption("--operator"),
        config=settings,
        out=config.getoption("--drill-out") or settings.out_dir / stamp,
        drills=frozenset(config.getoption("--drill")),
    )
