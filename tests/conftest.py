"""Which tests may run side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from xdist.scheduler import LoadScopeScheduling


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling:
    """Whole drills run one after the other, in one worker: two at a time would measure the host and not the recovery.

    pytest-xdist's own groups have no effect with this pytest: they are written where node ids were kept before.
    """
    from xdist.scheduler import LoadScopeScheduling

    class DrillsInOneWorker(LoadScopeScheduling):  # type: ignore[misc]
        def _split_scope(self, nodeid: str) -> str:
            return "whole drills" if nodeid.startswith("tests/sabotage/") else nodeid

    return DrillsInOneWorker(config, log)
