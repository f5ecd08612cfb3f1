"""Who recovers: an operator performs a procedure and leaves its steps in the log."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from harness.recovery.procedure import Recovery, Step


class Operator(Protocol):
    """Performs steps of a procedure, in order. Raises ProcedureFailed for the first that fails, after noting it."""

    def perform(self, steps: Sequence[Step], recovery: Recovery) -> None: ...
