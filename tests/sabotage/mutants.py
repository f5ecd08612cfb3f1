"""Recoveries that are wrong on purpose: a procedure with a step left out, added, or spoiled."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from harness.facts import Part
from harness.recovery.procedure import Procedure, Recovery, Step


@dataclass(frozen=True, slots=True)
class Without:
    """A procedure whose author forgot some steps."""

    procedure: Procedure
    forgotten: tuple[str, ...]

    def steps(self) -> tuple[Step, ...]:
        names = {step.name for step in self.procedure.steps()}
        assert set(self.forgotten) <= names, f"no such step: {set(self.forgotten) - names}"
        return tuple(step for step in self.procedure.steps() if step.name not in self.forgotten)


@dataclass(frozen=True, slots=True)
class With:
    """A procedure to which somebody added a deed, after the step of that name."""

    procedure: Procedure
    after: str
    deed: Callable[[Recovery], None]

    def steps(self) -> tuple[Step, ...]:
        found: list[Step] = []
        for step in self.procedure.steps():
            found.append(step)
            if step.name == self.after:
                found.append(Step("an added deed", Part.EXECUTE, "", self.deed))
        assert len(found) > len(self.procedure.steps()), f"no step {self.after}"
        return tuple(found)


@dataclass(frozen=True, slots=True)
class Instead:
    """A procedure in which one step does something else."""

    procedure: Procedure
    spoiled: str
    deed: Callable[[Recovery], None]

    def steps(self) -> tuple[Step, ...]:
        return tuple(
            Step(step.name, step.part, step.runbook, self.deed if step.name == self.spoiled else step.perform)
            for step in self.procedure.steps()
        )
