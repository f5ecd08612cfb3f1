"""The terms of a drill, written down before anything is raised: what it is about and what it will be judged by."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import timedelta

from harness.drill.scene import Scene
from harness.drill.stakes import Stake
from harness.estate import Role
from harness.facts import DrillStarted

_NAMED_BY = ("identifier", "name", "global_datastore")
"""What holds the name that AWS's calls give to something of the estate."""


def terms_of(scene: Scene, stake: Stake, run: str) -> DrillStarted:
    """All that the judge needs to know of the drill's specification: a bundle is judged again without it."""
    spec, gap = scene.spec, scene.spec.known_gap
    return DrillStarted(
        run=run,
        day=scene.clock.wall().date().isoformat(),
        drill=spec.name,
        title=spec.title,
        runbook=spec.runbook,
        severity=spec.severity,
        tags=spec.tags,
        environment=scene.environment.name,
        fidelity=scene.environment.fidelity,
        operator=scene.operator,
        pace=scene.config.pace,
        objectives=scene.objectives,
        rehearsal_rto=spec.rehearsal_rto,
        rehearsal_rpo=spec.rehearsal_rpo,
        decision_time=spec.decision_time,
        fault=type(spec.fault).__name__ if spec.fault is not None else "",
        procedure=type(spec.procedure).__name__,
        planned_steps=tuple(step.name for step in spec.procedure.steps()),
        recovers_to=tuple(role.value for role in spec.recovers_to),
        names=stake.names(scene.estate),
        at_stake=stake.kind,
        signals=tuple(name for signal in spec.signals for name in signal.names(scene.estate)),
        fault_lasts=spec.fault_lasts,
        promises=spec.promises,
        checks=spec.witness.checks(scene.estate) if spec.witness is not None else (),
        silent=spec.silent,
        touches=tuple(sorted(_touched(scene))),
        known_gap=gap.finding if gap else "",
        known_gap_review=gap.review.isoformat() if gap else "",
        known_gap_at_most=gap.at_most if gap else timedelta(0),
    )


def _touched(scene: Scene) -> set[str]:
    """The names of what is struck and recovered, and of each role that the procedure is told of."""
    spec = scene.spec
    roles = {spec.strikes, *spec.recovers_to, *_roles_of(spec.procedure)}
    placed = [scene.estate.placed(role).model_dump() for role in roles]
    return {described[name] for described in placed for name in _NAMED_BY if described.get(name)}


def _roles_of(procedure: object) -> Iterator[Role]:
    """The roles among a procedure's fields, also of one within another."""
    for one in fields(procedure) if is_dataclass(procedure) else ():
        value = getattr(procedure, one.name)
        if isinstance(value, Role):
            yield value
        else:
            yield from _roles_of(value)
