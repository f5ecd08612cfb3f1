"""Whole drills run one after the other: two at a time would measure the host and not the recovery."""

from __future__ import annotations

import pytest


@pytest.hookimpl(tryfirst=True)  # pytest-xdist reads the marks in the same hook
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.pluginmanager.hasplugin("xdist"):
        for item in items:
            if "tests/sabotage" in item.path.as_posix():
                item.add_marker(pytest.mark.xdist_group("whole drills"))
