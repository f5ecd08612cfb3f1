"""Who recovers: an operator performs a procedure and leaves its steps in the log."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from harness.recovery.procedure import Recovery, Step, Tell


class Operator(Protocol):
    """Performs steps of a procedure, in order, and tells each when it begins and ends.

    Raises ProcedureFailed for the first that fails, after telling it.
    """

    def perform(self, steps: Sequence[Step], recovery: Recovery, tell: Tell) -> None: ...
