"""A drill that is being closed is closed to its end, whatever is pressed meanwhile."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from types import SimpleNamespace
from typing import cast
from unittest.mock import MagicMock

import pytest

from harness.drill import Drill
from harness.objectives import Fidelity, Outcome
from harness.verdict import Finding, Verdict
from steps import prepare


class Closing:
    """A drill that is interrupted while it takes its estate down."""

    folder = Path("nowhere")
    judged = None
    spec = SimpleNamespace(runbook="Database / Option A")

    def __init__(self) -> None:
        self.sealed = False

    def close(self) -> Verdict:
        os.kill(os.getpid(), signal.SIGINT)
        self.sealed = True
        return Verdict((Finding("RTO", Outcome.FAIL, Fidelity.REAL, "too slow"),))


def test_ctrl_c_waits_until_the_drill_is_closed_and_its_evidence_attached(monkeypatch: pytest.MonkeyPatch) -> None:
    """Then it ends the run all the same: no other drill is begun."""
    bridge, drill = MagicMock(), Closing()
    monkeypatch.setattr(prepare, "allure_bridge", bridge)
    with pytest.raises(KeyboardInterrupt):
        prepare.close(cast(Drill, drill), MagicMock())
    assert drill.sealed
    bridge.attach_drill.assert_called_once()
