"""Where drills happen: one module a place, which names its class in ENVIRONMENT."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable

from harness.config import Config
from harness.environments.environment import Environment
from harness.errors import UsageError
from harness.estate import Estate
from harness.events import EventLog

PLANNED = ("containers", "localstack", "staging")
"""Places that the project means to have, and has not."""


def environments() -> tuple[str, ...]:
    """The names of the places that there are."""
    return tuple(module.name for module in pkgutil.iter_modules(__path__) if module.name != "environment")


def environment_named(name: str) -> Callable[[Estate, Config, EventLog, str], Environment]:
    """What makes an environment of that name. Raises UsageError."""
    if name not in environments():
        raise UsageError(f"there is no environment {name}", hint=f"Use {', '.join(environments())}.")
    kind: Callable[[Estate, Config, EventLog, str], Environment]
    kind = importlib.import_module(f"{__name__}.{name}").ENVIRONMENT
    return kind


__all__ = ["PLANNED", "Environment", "environment_named", "environments"]
