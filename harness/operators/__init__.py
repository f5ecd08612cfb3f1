"""Who recovers: one module each, which names its class in OPERATOR."""

from __future__ import annotations

import importlib
import pkgutil

from harness.errors import UsageError
from harness.operators.operator import Operator

PLANNED = ("runbook", "human")
"""Operators that the project means to have, and has not."""


def operators() -> tuple[str, ...]:
    """The names of the operators that there are."""
    return tuple(module.name for module in pkgutil.iter_modules(__path__) if module.name != "operator")


def operator_named(name: str) -> Operator:
    """The operator of that name. Raises UsageError."""
    if name not in operators():
        raise UsageError(f"there is no operator {name}", hint=f"Use {', '.join(operators())}.")
    operator: Operator = importlib.import_module(f"{__name__}.{name}").OPERATOR()
    return operator


__all__ = ["PLANNED", "Operator", "operator_named", "operators"]
