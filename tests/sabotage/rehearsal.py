"""Takes a drill from start to end on real servers, without Gherkin."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

from harness.config import load_config
from harness.drill import Drill
from harness.environments import environment_named
from harness.estate import Estate, load_estate
from harness.objectives import Objectives
from harness.operators import operator_named
from harness.spec import DrillSpec
from harness.verdict import Verdict

PROMISED = Objectives(rto=timedelta(hours=4), rpo=timedelta(hours=1))
ROOT = Path(__file__).parents[2]


def labelmint() -> Estate:
    return load_estate(ROOT / "scenarios" / "labelmint.toml")


def rehearse(
    spec: DrillSpec,
    folder: Path,
    *,
    estate: Estate | None = None,
    before_strike: Callable[[Drill], None] | None = None,
    before_recovery: Callable[[Drill], None] | None = None,
) -> Verdict:
    """Run a whole drill, with half its load so that other tests may run beside it, and return the sealed verdict."""
    own = spec.workload
    few, some = min(own.visitor_hz, 25), min(own.writer_rate or 100, 100)
    workload = dataclasses.replace(own, visitor_hz=few, writer_threads=min(own.writer_threads, 2), writer_rate=some)
    spec = dataclasses.replace(spec, workload=workload)
    drill = Drill(
        spec,
        estate=estate or labelmint(),
        environment=environment_named("embedded"),
        operator=operator_named("automation"),
        objectives=PROMISED,
        config=load_config(),
        folder=folder / spec.name,
        run=uuid4().hex[:8],
    )
    try:
        drill.prepare()
        if before_strike:
            before_strike(drill)
        if spec.fault is not None:
            drill.strike()
        if before_recovery:
            before_recovery(drill)
        drill.recover()
    finally:
        verdict = drill.close()
    return verdict
