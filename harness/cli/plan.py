"""What a run would do, without doing it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from harness.cli.catalogue import Entry
from harness.cli.words import duration
from harness.estate import Estate
from harness.faults.fault import told

SCHEMA = 1


def plan(entry: Entry, estate: Estate, *, environment: str, operator: str, pace: float) -> dict[str, Any]:
    """A drill's terms, what will be struck and where, and the steps of its recovery, in order."""
    spec, promised = entry.spec, entry.objectives
    strikes = [(strike.fault, strike.role) for strike in spec.weaknesses]
    strikes += [(spec.fault, spec.strikes)] if spec.fault is not None else []
    return {
        "name": spec.name,
        "title": spec.title,
        "feature": entry.scenario.place,
        "runbook": spec.runbook,
        "environment": environment,
        "operator": operator,
        "pace": pace,
        "objectives": _figures(promised.rto if spec.times_recovery else None, promised.rpo),
        "rehearsal": _figures(spec.rehearsal_rto if spec.times_recovery else None, spec.rehearsal_rpo),
        "strikes": [
            {"fault": told(fault), "role": str(role), "resource": struck.called, "region": struck.region}
            for fault, role in strikes
            for struck in [estate.placed(role)]
        ],
        "steps": [{"name": s.name, "part": str(s.part), "runbook": s.runbook} for s in spec.procedure.steps()],
    }


def show(console: Console, plans: Sequence[dict[str, Any]], out: Path) -> None:
    """Print the plans; nothing is started."""
    for one in plans:
        console.print(Text(f"{one['name']}: {one['title']}", style="bold"), soft_wrap=True)
        for line in _lines(one):
            console.print(Text(f"  {line}"), soft_wrap=True)
    console.print(Text(f"evidence would go to {out}; nothing was started"), soft_wrap=True)


def _figures(rto: timedelta | None, rpo: timedelta) -> dict[str, float | None]:
    return {"rto_seconds": None if rto is None else rto.total_seconds(), "rpo_seconds": rpo.total_seconds()}


def _rto(promised: float | None, budget: float | None) -> str:
    if promised is None:
        return "not judged: clients must be served all the time"
    return f"promised {duration(promised)}, rehearsed within {duration(budget)}"


def _lines(one: dict[str, Any]) -> list[str]:
    promised, budget = one["objectives"], one["rehearsal"]
    return [
        f"feature     {one['feature']}",
        f"runbook     {one['runbook']}",
        f"where, who  {one['environment']}, {one['operator']}, pace {one['pace']:g}",
        f"RTO         {_rto(promised['rto_seconds'], budget['rto_seconds'])}",
        f"RPO         promised {duration(promised['rpo_seconds'])}, rehearsed within {duration(budget['rpo_seconds'])}",
        *(f"strikes     {s['fault']} on {s['resource']} ({s['role']}) in {s['region']}" for s in one["strikes"]),
        *(f"step {number:<6} {s['name']} [{s['part']}]" for number, s in enumerate(one["steps"], start=1)),
    ]
