"""The terms of a drill, written down before anything is raised: what it is about and what it will be judged by."""

from __future__ import annotations

from datetime import timedelta

from harness.drill.scene import Scene
from harness.drill.stakes import Stake
from harness.facts import DrillStarted


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
        known_gap=gap.finding if gap else "",
        known_gap_review=gap.review.isoformat() if gap else "",
        known_gap_at_most=gap.at_most if gap else timedelta(0),
    )
