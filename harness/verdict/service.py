"""Was service restored as promised? The RTO, and what else a client could see."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

from harness.clock import in_words
from harness.facts import (
    DrillStarted,
    FaultStruck,
    FencingProbed,
    Probed,
    Promise,
    ProtectionSeen,
    RecoveryEnded,
    RecoveryStarted,
    ServedBy,
    Stage,
)
from harness.forecast import Forecast, forecast, phases
from harness.objectives import Fidelity, Outcome
from harness.record import Outage, Record, worst_outage
from harness.verdict.breaking_off import broken_off
from harness.verdict.model import Finding, ForecastPart, RtoReport

F = TypeVar("F")


def _seconds(later: int, earlier: int) -> float:
    return (later - earlier) / 1e9


def _afterwards(record: Record, kind: type[F]) -> Iterator[F]:
    """The facts of a kind that were seen after the recovery had ended: what was seen before says nothing of it."""
    ended = record.when(RecoveryEnded)
    for stamped in record.facts:
        if isinstance(stamped.fact, kind) and ended is not None and stamped.at >= ended:
            yield stamped.fact


def report_rto(record: Record, started: DrillStarted) -> RtoReport:
    """The figures of the RTO, whatever they mean."""
    struck, worst, ahead = record.when(FaultStruck), worst_outage(record.outages), forecast(record)
    low = high = None
    if struck is not None and worst and worst.back_low is not None and worst.back_high is not None:
        low, high = _seconds(worst.back_low, struck), _seconds(worst.back_high, struck)
    return RtoReport(
        seconds=None if low is None or high is None else (low + high) / 2,
        low=low,
        high=high,
        phases={part.value: time.total_seconds() for part, time in phases(record).items()},
        objective_seconds=started.objectives.rto.total_seconds(),
        rehearsal_seconds=started.rehearsal_rto.total_seconds(),
        forecast_low=ahead.low.total_seconds(),
        forecast_high=ahead.high.total_seconds() if ahead.complete else None,
        forecast_parts=_parts(ahead),
        forecast_missing=ahead.missing,
        client=worst.client if worst else "",
    )


def _parts(ahead: Forecast) -> tuple[ForecastPart, ...]:
    return tuple(
        ForecastPart(p.part.value, p.what, p.low.total_seconds(), p.high.total_seconds(), p.source) for p in ahead.parts
    )


def judge_rto(record: Record, report: RtoReport, outage: Outage | None, real: Fidelity) -> Finding:
    """The RTO is met when this rehearsal was quick enough and the forecast's upper bound keeps the promise."""
    if outage is None:
        return Finding("RTO", Outcome.INCONCLUSIVE, real, "no client that decides lost service")
    if report.seconds is None or report.high is None:
        said = f"{outage.client} was never served again for 2 s on end"
        finished = record.first(RecoveryEnded) is not None and not broken_off(record)
        return Finding("RTO", Outcome.FAIL if finished else Outcome.INCONCLUSIVE, real, said)
    if doubt := _doubt(record, report, outage):
        return Finding("RTO", Outcome.INCONCLUSIVE, real, doubt)
    promised, ahead = in_words(report.objective_seconds), in_words(round(report.forecast_high or 0))
    measured = f"{in_words(report.seconds)} in rehearsal (budget {in_words(report.rehearsal_seconds)})"
    said = f"{measured}, forecast at most {ahead} of {promised}"
    if (
        report.high > min(report.rehearsal_seconds, report.objective_seconds)
        or (report.forecast_high or 0) > report.objective_seconds
    ):
        return Finding("RTO", Outcome.FAIL, real, said)
    if real is not Fidelity.REAL:
        return Finding("RTO", Outcome.INCONCLUSIVE, real, f"{said}; emulated servers prove nothing")
    return Finding("RTO", Outcome.PASS, real, said)


def _doubt(record: Record, report: RtoReport, outage: Outage) -> str:
    """Why a measured time does not say how long the recovery takes; empty where it does."""
    begun, started = record.when(RecoveryStarted), record.first(DrillStarted)
    by_itself = started is not None and Promise.RESTRAINT in started.promises
    if not by_itself and begun is not None and outage.back_high is not None and outage.back_high < begun:
        return f"{outage.client} was served again before any recovery"
    if report.forecast_high is None:
        floor = in_words(round(report.forecast_low or 0))
        lacks = ", ".join(report.forecast_missing)
        measured = in_words(report.seconds or 0)
        return f"{measured} in rehearsal, at least {floor} on AWS: the forecast lacks a figure ({lacks})"
    return ""


def judge_stability(record: Record) -> Finding:
    """Once back, service stayed.

    What failed while the host stood still is nobody's fault, and nobody's proof; nor is what failed again where service
    had been failing before anything was struck.
    """
    flaps = [
        f"{o.client}: {o.flaps} more, worst {o.worst_flap.total_seconds():.2f} s"
        + (f", {o.starved} of them while the host stood still" if o.starved else "")
        for o in record.outages
        if o.flaps
    ]
    if not any(o.back_high for o in record.outages):
        return Finding("stability", Outcome.INCONCLUSIVE, Fidelity.REAL, "service never came back")
    if flaps:
        starved = all(o.flaps == o.starved for o in record.outages)
        struck = record.when(FaultStruck)
        before = [o.client for o in record.outages if o.lost_high and struck and o.lost_high < struck]
        flaps += [f"{client} had lost service before the disaster too" for client in before]
        outcome = Outcome.INCONCLUSIVE if starved or before else Outcome.FAIL
        return Finding("stability", outcome, Fidelity.REAL, "; ".join(flaps))
    return Finding("stability", Outcome.PASS, Fidelity.REAL, "no bad request after service was back")


def judge_validation(record: Record) -> Finding:
    """The runbook's own checks of the recovered service passed, and what was checked was still good at the very end."""
    seen = list(_afterwards(record, Probed))
    probes = [p for p in seen if p.stage is Stage.VALIDATION]
    again = [p for p in seen if p.stage is Stage.SETTLED and p.probe in {first.probe for first in probes}]
    bad = [f"{p.probe}: {p.detail}" for p in probes if not p.ok]
    bad += [f"{p.probe} at the end: {p.detail}" for p in again if not p.ok]
    if not probes:
        return Finding("validation", Outcome.INCONCLUSIVE, Fidelity.REAL, "the recovered service was never looked at")
    if bad:
        return Finding("validation", Outcome.FAIL, Fidelity.REAL, "; ".join(bad))
    if not again:
        said = "nobody looked at the recovered service once its clients were gone"
        return Finding("validation", Outcome.INCONCLUSIVE, Fidelity.REAL, said)
    return Finding("validation", Outcome.PASS, Fidelity.REAL, ", ".join(p.probe for p in probes))


def judge_successor(record: Record, started: DrillStarted) -> Finding:
    """Under every name, the instance that answers is one that the drill was to recover to, and takes writes."""
    served = list(_afterwards(record, ServedBy))
    unasked = set(started.names) - {s.asked for s in served}
    wrong = [
        f"{s.asked} is {s.identifier or 'nobody'} ({s.role or 'unknown'}{'' if s.writable else ', read-only'})"
        for s in served
        if s.role not in started.recovers_to or not s.writable
    ]
    if unasked and not wrong:
        said = "nobody asked at " + ", ".join(sorted(unasked))
        return Finding("successor", Outcome.INCONCLUSIVE, Fidelity.REAL, said)
    if not served:
        return Finding("successor", Outcome.INCONCLUSIVE, Fidelity.REAL, "nobody asked which instance serves")
    if wrong:
        return Finding("successor", Outcome.FAIL, Fidelity.REAL, "; ".join(dict.fromkeys(wrong)))
    seen = dict.fromkeys(f"{s.asked} is {s.identifier}" for s in served)
    return Finding("successor", Outcome.PASS, Fidelity.REAL, "; ".join(seen))


def judge_fencing(record: Record) -> Finding:
    """The lost primary came back and acknowledged nothing."""
    probes = list(_afterwards(record, FencingProbed))
    taken = [f"{p.target} acknowledged {p.acknowledged} of {p.attempts} writes" for p in probes if p.acknowledged]
    if taken:
        return Finding("fencing", Outcome.FAIL, Fidelity.REAL, "; ".join(taken))
    if not probes or not all(p.returned and p.attempts for p in probes):
        why = "; ".join(p.detail for p in probes) or "the old primary was never brought back"
        return Finding("fencing", Outcome.INCONCLUSIVE, Fidelity.REAL, why)
    return Finding(
        "fencing", Outcome.PASS, Fidelity.REAL, "; ".join(f"{p.target}: {p.attempts} writes refused" for p in probes)
    )


def judge_protection(record: Record) -> Finding:
    """The one that took over is what the lost one was, and protected as well: each difference is told."""
    seen = {p.stage: p for p in record.all(ProtectionSeen)}
    before, after = seen.get(Stage.BASELINE), seen.get(Stage.SETTLED)
    if before is None or after is None:
        return Finding("protection", Outcome.INCONCLUSIVE, Fidelity.EMULATED, "nobody looked at backups and standby")
    serving = {s.identifier for s in _afterwards(record, ServedBy) if s.identifier}
    if after.identifier not in serving:
        said = f"{after.identifier} was looked at, {', '.join(sorted(serving)) or 'nobody'} serves"
        return Finding("protection", Outcome.INCONCLUSIVE, Fidelity.EMULATED, said)
    weaker = [
        f"{what} {has or 'none'} instead of {had}"
        for what, had, has in (
            ("class", before.instance_class, after.instance_class),
            ("parameter group", before.parameter_group, after.parameter_group),
            ("encryption", before.encrypted, after.encrypted),
            ("security groups", after.meant_groups, after.groups),
        )
        if had != has
    ]
    if unwatched := sorted(set(before.alarms) - set(after.alarms)):
        weaker.append(f"no alarm watches {', '.join(unwatched)}")
    if before.multi_az and not after.multi_az:
        weaker.append("it has no standby")
    if before.deletion_protection and not after.deletion_protection:
        weaker.append("it can be deleted")
    if after.backup_retention_days < before.backup_retention_days:
        weaker.append(f"backups for {after.backup_retention_days} days instead of {before.backup_retention_days}")
    if weaker:
        said = f"{after.identifier}: {', '.join(weaker)}"
        return Finding("protection", Outcome.FAIL, Fidelity.EMULATED, said)
    said = (
        f"{after.identifier}: backups for {after.backup_retention_days} days, standby {after.multi_az}, "
        f"deletion protection {after.deletion_protection}, {after.instance_class}, {after.parameter_group}, "
        f"alarms on {', '.join(after.alarms) or 'nothing'}"
    )
    return Finding("protection", Outcome.PASS, Fidelity.EMULATED, said)
