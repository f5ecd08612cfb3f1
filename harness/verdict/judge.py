"""The judge: one pure function from a finished record to a verdict."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date

from harness.facts import AtStake, Declared, DrillStarted, FencingProbed, Promise
from harness.objectives import LONGEST_REVIEW, Fidelity, Outcome
from harness.record import Record, worst_outage
from harness.verdict import application, cache, data, procedure, proof, region, service, watched
from harness.verdict.collateral import judge_collateral
from harness.verdict.model import Finding, GapStatus, KnownGap, RpoReport, RtoReport, Verdict
from harness.verdict.own_disk import doubted


def judge(record: Record, *, standing: bool = False) -> Verdict:
    """Judge a drill. The same record always gives the same verdict.

    While its estate is still `standing` the teardown is left out; the verdict that is sealed has it always.
    """
    started = record.first(DrillStarted)
    if started is None:
        return Verdict(findings=(proof.judge_harness(record),))
    rto, rpo = service.report_rto(record, started), data.report_rpo(record, started)
    if started.checks:
        seen = tuple(doubted(record, watched.findings(record, started, rpo, standing=standing)))
        return Verdict(seen, None, rpo, _known_gap(started, seen, rto, rpo))
    findings = tuple(doubted(record, _findings(record, started, rto, rpo, standing=standing)))
    return Verdict(findings, rto, rpo, _known_gap(started, findings, rto, rpo))


def _findings(
    record: Record, started: DrillStarted, rto: RtoReport, rpo: RpoReport, *, standing: bool
) -> Iterator[Finding]:
    real, cached = started.fidelity, started.at_stake is AtStake.CACHE
    yield proof.judge_harness(record)
    yield proof.judge_steady_state(record)
    yield proof.judge_fault(record)
    yield proof.judge_workload(record)
    yield proof.judge_detection(record)
    yield procedure.judge_procedure(record, started)
    yield procedure.judge_waits(record)
    yield judge_collateral(record, started)
    yield service.judge_rto(record, rto, worst_outage(record.outages), real)
    yield data.judge_rpo(record, rpo, real)
    untouched = bool(started.tasks)
    yield from _cache(record) if cached else [(cache.judge_untouched if untouched else data.judge_ledger)(record.gap)]
    yield data.judge_integrity(record)
    yield service.judge_stability(record)
    yield service.judge_validation(record)
    yield service.judge_successor(record, started)
    if not started.tasks:
        yield cache.judge_strength(record) if cached else service.judge_protection(record)
    yield from application.findings(record, started)
    yield from region.findings(record, started)
    for promise, judged in _OF_PROMISE.items():
        if promise in _promised(record, started):
            yield judged(record)
    if not standing:
        yield proof.judge_teardown(record)
    for declared in record.all(Declared):
        yield Finding(declared.what, Outcome.PASS, Fidelity.DECLARED, f"not tried here: {declared.why}")


_OF_PROMISE: Mapping[Promise, Callable[[Record], Finding]] = {
    Promise.FENCING: service.judge_fencing,
    Promise.ROLLBACK: procedure.judge_rollback,
    Promise.RESTRAINT: procedure.judge_restraint,
    Promise.RETURN: region.judge_return,
}


def _promised(record: Record, started: DrillStarted) -> set[Promise]:
    """What was promised, and what was looked at without having been."""
    seen = {Promise.FENCING} if record.first(FencingProbed) is not None else set[Promise]()
    return {*started.promises, *seen}


def _cache(record: Record) -> Iterator[Finding]:
    """What is asked where a cache was struck."""
    yield cache.judge_untouched(record.gap)
    yield data.judge_ledger(record.cache_gap, "cache ledger")
    yield cache.judge_serving(record)
    yield cache.judge_warmth(record)


def _rehearsed_well(finding: str, rto: RtoReport, rpo: RpoReport) -> bool:
    """Whether the rehearsal itself was within its budget, so that only the promise failed."""
    if finding == "RTO":
        return rto.high is not None and rto.high <= rto.rehearsal_seconds
    return finding == "RPO" and rpo.seconds is not None and rpo.seconds <= rpo.rehearsal_seconds


def _as_wide_as_known(started: DrillStarted, rto: RtoReport, rpo: RpoReport) -> bool:
    """Whether the promise is missed by no more than was declared; a gap without a bound is wider than any."""
    missed_by = rto.forecast_high if started.known_gap == "RTO" else rpo.exposure_seconds
    return missed_by is not None and missed_by <= started.known_gap_at_most.total_seconds()


def _known_gap(started: DrillStarted, findings: tuple[Finding, ...], rto: RtoReport, rpo: RpoReport) -> KnownGap | None:
    if not started.known_gap:
        return None
    found = next((f.outcome for f in findings if f.name == started.known_gap), Outcome.INCONCLUSIVE)
    if found is Outcome.INCONCLUSIVE:  # neither there nor gone: the drill could not tell
        return None
    if found is Outcome.PASS:
        return KnownGap(started.known_gap, GapStatus.GONE)
    if not _rehearsed_well(started.known_gap, rto, rpo) or not _as_wide_as_known(started, rto, rpo):
        return None  # worse than the promise that is known to be out of reach
    day, review = date.fromisoformat(started.day), date.fromisoformat(started.known_gap_review)
    if review - day > LONGEST_REVIEW:  # what nobody means to look at again is no known gap
        return None
    return KnownGap(started.known_gap, GapStatus.EXPIRED if day > review else GapStatus.PRESENT)
