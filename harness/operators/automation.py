"""The automation: performs the steps at once, one after the other, and stops at the first that fails."""

from __future__ import annotations

from collections.abc import Sequence

from botocore.exceptions import BotoCoreError, ClientError

from harness.errors import BlastRadiusRefused, DrillError, ProcedureFailed
from harness.facts import StepEnded, StepStarted
from harness.recovery.procedure import Recovery, Step, Tell


class Automation:
    """The recovery as code."""

    def perform(self, steps: Sequence[Step], recovery: Recovery, tell: Tell) -> None:
        """Perform every step. Raises ProcedureFailed naming the step that did not succeed, BlastRadiusRefused."""
        for step in steps:
            tell(StepStarted(step.name, step.part, step.runbook))
            try:
                step.perform(recovery)
            except BlastRadiusRefused as refusal:
                tell(StepEnded(step.name, ok=False, error=refusal.message))
                raise
            except (DrillError, ClientError, BotoCoreError) as error:
                said = error.message if isinstance(error, DrillError) else str(error)
                tell(StepEnded(step.name, ok=False, error=said))
                raise ProcedureFailed(f"step “{step.name}”: {said}") from error
            tell(StepEnded(step.name, ok=True))


OPERATOR = Automation
