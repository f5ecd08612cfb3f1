"""What pyproject.toml says of the imports is said of every room of the harness."""

from __future__ import annotations

import pkgutil
import re
import tomllib
from pathlib import Path
from typing import Any

import harness

ROOT = Path(__file__).parents[2]


def contract(name: str) -> dict[str, Any]:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    found: dict[str, Any] = next(one for one in contracts if one["id"] == name)
    return found


def rooms() -> set[str]:
    """Every module and package directly below harness."""
    return {found.name for found in pkgutil.iter_modules(harness.__path__)}


def test_the_application_knows_no_room_of_the_harness() -> None:
    """It lives below machines, so a wildcard for all would forbid it itself: the rooms are listed."""
    forbidden = {name.removeprefix("harness.") for name in contract("application")["forbidden_modules"]}
    assert forbidden == (rooms() - {"machines"}) | {"machines.*"}


def test_the_picture_of_the_layers_is_what_the_linter_holds() -> None:
    """A line of the picture is a layer: its rooms, two spaces or more, and what they are for."""
    page = (ROOT / "docs" / "architecture.md").read_text()
    picture = page.partition("(`lint-imports` holds it):\n```\n")[2].partition("```")[0]
    drawn = [set(re.split(r"\s{2,}", line)[0].split(" | ")) for line in picture.splitlines()]
    assert drawn == [set(layer.split(" | ")) for layer in contract("rooms")["layers"]]
