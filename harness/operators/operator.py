"""Who recovers: an operator performs a procedure and leaves its steps in the log."""

from __future__ import annotations

from typing import Protocol

from harness.recovery.procedure import Procedure, Recovery


class Operator(Protocol):
    """Performs every step of a procedure. Raises whatever a step raised, after noting it."""

    def perform(self, procedure: Procedure, recovery: Recovery) -> None: ...
