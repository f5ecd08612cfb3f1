"""Whoever tells what is exposed tells where the figure comes from."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import harness.probes
from harness.facts import ExposureSeen

PROBES = sorted(Path(harness.probes.__path__[0]).glob("*.py"))


def told(module: Path) -> list[ast.Call]:
    """Where a module makes an ExposureSeen."""
    calls = [node for node in ast.walk(ast.parse(module.read_text())) if isinstance(node, ast.Call)]
    return [call for call in calls if isinstance(call.func, ast.Name) and call.func.id == ExposureSeen.__name__]


@pytest.mark.parametrize("module", [module for module in PROBES if told(module)], ids=lambda module: module.stem)
def test_every_exposure_has_a_basis(module: Path) -> None:
    """The field has a default for bundles of before; no probe may lean on it."""
    without = [call.lineno for call in told(module) if "basis" not in {word.arg for word in call.keywords}]

    assert without == []
