"""What a scorecard says, as plain values: the template only lays them out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from harness.evidence import Bundle
from harness.facts import (
    WEAKNESS,
    ClientStarted,
    DrillStarted,
    FaultBitten,
    FaultStruck,
    IntegrityCounted,
    Problem,
    RecoveryStarted,
)
from harness.objectives import Outcome
from harness.verdict import Finding, ForecastPart, GapStatus
from reports import findings
from reports.bars import Objective, objectives
from reports.tables import (
    CallRow,
    ClientRow,
    FileRow,
    Ledger,
    StepRow,
    call_rows,
    client_rows,
    file_rows,
    ledgers,
    step_rows,
)
from reports.words import between, count, duration, joined


@dataclass(frozen=True, slots=True)
class PartShare:
    """A part of the recovery time."""

    name: str
    says: str


@dataclass(frozen=True, slots=True)
class Card:
    """Everything on one drill's page, in its order."""

    title: str
    outcome: Outcome
    says: str
    facts: tuple[tuple[str, str], ...]
    known_gap: str
    problems: tuple[Problem, ...]
    objectives: tuple[Objective, ...]
    parts: tuple[PartShare, ...]
    caption: str
    tally: str
    findings: tuple[findings.FindingRow, ...]
    untried: tuple[Finding, ...]
    forecast: tuple[ForecastPart, ...]
    forecast_total: tuple[float, float, float] | None
    performed: str
    steps: tuple[StepRow, ...]
    ledgers: tuple[Ledger, ...]
    integrity_says: str
    integrity: tuple[IntegrityCounted, ...]
    clients: tuple[ClientRow, ...]
    calls_say: str
    calls: tuple[CallRow, ...]
    zero: str
    seal_says: str
    folder: str
    files: tuple[FileRow, ...]
    ran_on: str


def card(bundle: Bundle) -> Card:
    """The page of a bundle; of a drill that crashed, whatever there is."""
    record, verdict, started = bundle.record, bundle.verdict, bundle.record.first(DrillStarted)
    calls, rto = call_rows(record), verdict.rto
    totals = rto and rto.forecast_high is not None and (rto.forecast_low, rto.forecast_high, rto.objective_seconds)
    return Card(
        title=started.title if started else f"A drill that never stated its terms ({bundle.folder.name})",
        outcome=verdict.outcome,
        says=findings.sentence(verdict),
        facts=tuple(_facts(bundle, started)),
        known_gap=_known_gap(bundle, started),
        problems=tuple(record.all(Problem)),
        objectives=objectives(bundle),
        parts=tuple(_parts(bundle)),
        caption=_caption(bundle),
        tally=findings.tally(verdict),
        findings=findings.rows(verdict),
        untried=findings.untried(verdict),
        forecast=rto.forecast_parts if rto else (),
        forecast_total=totals or None,  # type: ignore[arg-type]
        performed=_performed(bundle, started),
        steps=step_rows(record),
        ledgers=ledgers(record),
        integrity_says=_integrity_says(bundle),
        integrity=tuple(record.all(IntegrityCounted)),
        clients=client_rows(record),
        calls_say=_calls_say(calls),
        calls=calls,
        zero=_zero(bundle),
        seal_says=_seal_says(bundle),
        folder=str(bundle.folder),
        files=file_rows(bundle.manifest),
        ran_on=_ran_on(bundle),
    )


def _facts(bundle: Bundle, started: DrillStarted | None) -> Iterator[tuple[str, str]]:
    if started:
        yield "Drill", started.drill
        yield "Severity", started.severity.upper()
    yield "Began", bundle.began.strftime("%Y-%m-%d %H:%M:%S %Z")
    if started:
        yield "Environment", started.environment
        yield "Operator", started.operator
        yield "Pace", f"{duration(started.pace)} for each AWS second" if started.pace else "at once"
        if started.fault:
            yield "Fault", started.fault
        if started.lost_region:
            yield "Lost region", started.lost_region
        if weak := joined(_weaknesses(bundle)):
            yield "Weakness", weak
        yield "Runbook", started.runbook
        yield "Run", started.run


def _weaknesses(bundle: Bundle) -> Iterator[str]:
    """What was broken beforehand to spoil the recovery; one that did not show says so."""
    for fact in bundle.record.all(FaultBitten):
        if fact.seen_by == WEAKNESS:
            yield fact.detail + ("" if fact.bitten else " (never showed)")


def _known_gap(bundle: Bundle, started: DrillStarted | None) -> str:
    gap = bundle.verdict.known_gap
    if started is None or not started.known_gap:
        return ""
    review = f"(review by {started.known_gap_review})"
    if gap is None:
        return f"Whether {started.known_gap} is still broken, as declared, could not be told {review}."
    meaning = {
        GapStatus.PRESENT: "is still broken, as declared, so it alone does not fail the build",
        GapStatus.GONE: "is kept now; take the declaration away",
        GapStatus.EXPIRED: "is still broken and its review is overdue",
    }
    return f"{gap.finding} {meaning[gap.status]} {review}."


def _parts(bundle: Bundle) -> Iterator[PartShare]:
    phases = bundle.verdict.rto.phases if bundle.verdict.rto and bundle.verdict.rto.seconds is not None else {}
    for name, seconds in phases.items():
        yield PartShare(name, duration(seconds))


def _zero(bundle: Bundle) -> str:
    """From when on times are told: see `Record.origin`."""
    return "from the strike" if bundle.record.when(FaultStruck) is not None else "from the start"


def _caption(bundle: Bundle) -> str:
    """The picture in words, for those who do not see it."""
    if bundle.record.when(FaultStruck) is None:
        return "Nothing was struck, so there is no time to show."
    rto = bundle.verdict.rto
    felt = [o for o in bundle.record.outages if o.felt]
    if not felt:
        return "The fault was struck and no client lost service."
    if rto is None or rto.seconds is None:
        return "The fault was struck, clients lost service, and service never came back for good."
    parts = ", ".join(f"{part.name} {part.says}" for part in _parts(bundle))
    served = f"The fault was struck at 0; the worst client was served again {between(rto.low, rto.high)} later"
    below = (
        "Below, the steps of the recovery, and for each client the rate of requests served and not served (hatched)."
    )
    return f"{served} ({parts}). {below}"


def _performed(bundle: Bundle, started: DrillStarted | None) -> str:
    recovery = bundle.record.first(RecoveryStarted)
    if recovery is None:
        return "No recovery was begun."
    planned = count(len(started.planned_steps) if started else 0, "step")
    return f"“{recovery.procedure}”, performed by {recovery.operator}; {planned} planned. Times count {_zero(bundle)}."


def _integrity_says(bundle: Bundle) -> str:
    counted, began = bundle.record.when(IntegrityCounted), bundle.record.when(ClientStarted)
    said = "The runbook's own three queries, and a digest of the rows that must never change."
    if counted is None or began is None or counted < began:
        return said
    return f"{said} The first were counted after the clients had begun: submissions and the latest one include theirs."


def _calls_say(calls: tuple[CallRow, ...]) -> str:
    """Errors of changes and of looks apart: a look at what is not there is answered with an error."""
    changes, looks = ([row for row in calls if row.mutates is which] for which in (True, False))
    refused, unfound = (sum(row.errors for row in rows) for rows in (changes, looks))
    said = f"{count(sum(row.number for row in changes), 'change')}, {refused or 'none'} answered with an error"
    looked = f"{count(sum(row.number for row in looks), 'look')}, {unfound or 'none'}"
    why = ", which changes nothing and is how AWS says that something is not there" if unfound else ""
    return f"{said}; {looked}{why}."


def _seal_says(bundle: Bundle) -> str:
    if bundle.manifest is None:
        return "This bundle was never sealed: its files may have changed since the drill."
    return f"Sealed {bundle.manifest.sealed[:19].replace('T', ' ')} UTC, manifest {bundle.manifest.hash}."


def _ran_on(bundle: Bundle) -> str:
    versions: dict[str, Any] = bundle.versions
    named = [f"{name} {number}" for name, number in versions.get("distributions", {}).items() if number]
    return f"Python {versions.get('python', '?')} on {versions.get('platform', '?')} · " + " · ".join(named)
