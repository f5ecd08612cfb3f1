"""Where drills happen: one module a place."""

from __future__ import annotations

from collections.abc import Callable

from harness.config import Config
from harness.environments.environment import Environment
from harness.errors import UsageError
from harness.estate import Estate
from harness.events import EventLog


def environment_named(name: str) -> Callable[[Estate, Config, EventLog, str], Environment]:
    """What makes an environment of that name. Raises UsageError."""
    if name == "embedded":
        from harness.environments.embedded import EmbeddedEnvironment

        return EmbeddedEnvironment
    raise UsageError(f"there is no environment {name}", hint="The embedded environment is the only one so far.")


__all__ = ["Environment", "environment_named"]
