"""The terms of a drill, written down before anything is raised: what it is about and what it will be judged by."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import timedelta

from harness.drill.scene import Scene
from harness.drill.stake import Stake
from harness.drill.stakes import stake_of
from harness.estate import Balancer, Cache, Database, Estate, Region, Role, Service
from harness.facts import DrillStarted
from harness.faults.fault import told
from harness.objectives import Fidelity, Objectives
from harness.spec import DrillSpec

_NAMED_BY = ("identifier", "name", "global_datastore", "cluster", "service")
"""What holds the name that AWS's calls give to something of the estate."""
_GROUPS = ("security_group", "quarantine_group")
"""What may be closed of one that is struck; where nothing is, another may be in the same group."""


def terms_of(scene: Scene, stake: Stake, run: str) -> DrillStarted:
    """All that the judge needs to know of the drill's specification: a bundle is judged again without it."""
    return _terms(
        scene.spec,
        scene.estate,
        stake,
        run=run,
        day=scene.clock.wall().date().isoformat(),
        environment=scene.environment.name,
        fidelity=scene.environment.fidelity,
        operator=scene.operator,
        pace=scene.config.pace,
        objectives=scene.objectives,
    )


def respecified(told: DrillStarted, spec: DrillSpec, estate: Estate, objectives: Objectives) -> DrillStarted:
    """The terms that a specification gives to the drill of a bundle; how it was rehearsed is as the bundle tells."""
    return _terms(
        spec,
        estate,
        stake_of(spec, estate),
        run=told.run,
        day=told.day,
        environment=told.environment,
        fidelity=told.fidelity,
        operator=told.operator,
        pace=told.pace,
        objectives=objectives,
    )


def _terms(
    spec: DrillSpec,
    estate: Estate,
    stake: Stake,
    *,
    run: str,
    day: str,
    environment: str,
    fidelity: Fidelity,
    operator: str,
    pace: float,
    objectives: Objectives,
) -> DrillStarted:
    gap = spec.known_gap
    return DrillStarted(
        run=run,
        day=day,
        drill=spec.name,
        title=spec.title,
        runbook=spec.runbook,
        severity=spec.severity,
        tags=spec.tags,
        environment=environment,
        fidelity=fidelity,
        operator=operator,
        pace=pace,
        objectives=objectives,
        rehearsal_rto=spec.rehearsal_rto,
        rehearsal_rpo=spec.rehearsal_rpo,
        decision_time=spec.decision_time,
        fault=told(spec.fault) if spec.fault is not None else "",
        procedure=type(spec.procedure).__name__,
        planned_steps=tuple(step.name for step in spec.procedure.steps()),
        recovers_to=tuple(role.value for role in spec.recovers_to),
        names=stake.names(estate),
        at_stake=stake.kind,
        signals=tuple(name for signal in spec.signals for name in signal.names(estate)),
        fault_lasts=spec.fault_lasts,
        promises=spec.promises,
        checks=spec.witness.checks(estate) if spec.witness is not None else (),
        silent=spec.silent,
        touches=tuple(sorted(touched(spec, estate))),
        lost_region=_lost_region(spec, estate),
        names_move=spec.names_move,
        tasks=spec.tasks,
        alarms=tuple(sorted(alarm.name for alarm in estate.alarms)),
        known_gap=gap.finding if gap else "",
        known_gap_review=gap.review.isoformat() if gap else "",
        known_gap_at_most=gap.at_most if gap else timedelta(0),
    )


def _lost_region(spec: DrillSpec, estate: Estate) -> str:
    struck = estate.placed(spec.strikes)
    return struck.region if isinstance(struck, Region) else ""


def touched(spec: DrillSpec, estate: Estate) -> set[str]:
    """The names of what a recovery may change: what is struck, what it recovers to, what its procedure is told of.

    Where a service or its balancer is struck the data stays where it is, and is not touched. With them go the names,
    settings and groups that lead to a store of that kind and to no other. Where nothing is struck, what is there
    already has to stay as it is.
    """
    stays = isinstance(estate.placed(spec.strikes), Service | Balancer)
    roles = {spec.strikes, *(() if stays else spec.recovers_to), *_roles_of(spec.procedure)}
    placed = [one for one in map(estate.placed, roles) if spec.fault is not None or not getattr(one, "raised", True)]
    kinds = {type(one) for one in placed}
    found = {zone for zone in (estate.zone.database_name,) if spec.fault is not None and Database in kinds}
    if _lost_region(spec, estate):
        found.add(estate.zone.public_name)
    for one in placed:
        described = one.model_dump()
        named_by = (*_NAMED_BY, *_GROUPS) if spec.fault is not None else _NAMED_BY
        found |= {described[name] for name in named_by if described.get(name)}
        if isinstance(one, Balancer):
            found.add(one.target_group)
        if isinstance(one, Service):
            balancer = estate.balancer(one.balancer)
            found |= {balancer.name, balancer.target_group}
            found |= {one.settings, one.secret} if Database in kinds else set()
            found |= {one.cache_settings} if Cache in kinds and one.cache_settings else set()
    return found


def _roles_of(procedure: object) -> Iterator[Role]:
    """The roles among a procedure's fields, also of one within another."""
    for one in fields(procedure) if is_dataclass(procedure) else ():
        value = getattr(procedure, one.name)
        if isinstance(value, Role):
            yield value
        else:
            yield from _roles_of(value)
