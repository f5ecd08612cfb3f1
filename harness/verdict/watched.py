"""The verdict of a drill that no client should notice: by what its witness saw, and by the clients going on."""

from __future__ import annotations

from collections.abc import Iterator

from harness.clock import in_words
from harness.facts import (
    MACHINE,
    AtStake,
    Declared,
    DrillStarted,
    ExposureSeen,
    FaultBitten,
    FaultStruck,
    HostStarved,
    Probed,
    Stage,
)
from harness.objectives import Fidelity, Outcome
from harness.record import Record, at_the_public_name
from harness.verdict import data, procedure, proof
from harness.verdict.collateral import judge_collateral
from harness.verdict.model import Finding, RpoReport


def findings(record: Record, started: DrillStarted, rpo: RpoReport, *, standing: bool = False) -> Iterator[Finding]:
    """Every finding. There is no outage, so there is no recovery time; what the schedule exposes is judged."""
    yield proof.judge_harness(record)
    yield proof.judge_steady_state(record)
    if started.fault:
        yield judge_blow(record, started)
    yield proof.judge_workload(record)
    yield procedure.judge_procedure(record, started)
    yield procedure.judge_waits(record)
    yield judge_collateral(record, started)
    yield judge_checks(record, started)
    yield judge_undisturbed(record)
    yield judge_exposure(record, rpo, started)
    yield data.judge_ledger(record.gap)
    if started.at_stake is AtStake.CACHE:
        yield data.judge_ledger(record.cache_gap, "cache ledger")
    yield data.judge_integrity(record)
    if not standing:
        yield proof.judge_teardown(record)
    for declared in record.all(Declared):
        yield Finding(declared.what, Outcome.PASS, Fidelity.DECLARED, f"not tried here: {declared.why}")


def judge_exposure(record: Record, rpo: RpoReport, started: DrillStarted) -> Finding:
    """No write of a client is gone, and what is backed up can never lose more than was promised."""
    exposures = record.all(ExposureSeen)
    if rpo.seconds is None or not exposures:
        return Finding("RPO", Outcome.INCONCLUSIVE, started.fidelity, "nobody knows what could be lost")
    unknown = sorted(set(started.recovers_to) - {seen.role for seen in exposures})
    worst = max(exposures, key=lambda seen: seen.exposure)
    said = f"{rpo.lost} of {rpo.acknowledged} writes lost; exposed to {in_words(worst.exposure)} by {worst.mechanism}"
    if rpo.lost or worst.exposure > started.objectives.rpo:
        return Finding("RPO", Outcome.FAIL, started.fidelity, said)
    if unknown:
        said = f"{said}; exposure unknown of {', '.join(unknown)}"
        return Finding("RPO", Outcome.INCONCLUSIVE, started.fidelity, said)
    if started.fidelity is not Fidelity.REAL:
        said = f"{said}; emulated servers prove nothing"
        return Finding("RPO", Outcome.INCONCLUSIVE, started.fidelity, said)
    return Finding("RPO", Outcome.PASS, started.fidelity, said)


def judge_blow(record: Record, started: DrillStarted) -> Finding:
    """The fault happened, to the thing itself and to what the witness looks at."""
    blow = record.first(FaultStruck)
    if blow is None or blow.fault != started.fault:
        return Finding("fault", Outcome.INCONCLUSIVE, Fidelity.REAL, "what the drill is about was not struck")
    bites = record.all(FaultBitten)
    unbitten = [f"{bite.seen_by}: {bite.detail or 'not felt'}" for bite in bites if not bite.bitten]
    if MACHINE not in {bite.seen_by for bite in bites} or unbitten:
        return Finding("fault", Outcome.INCONCLUSIVE, Fidelity.REAL, "; ".join(unbitten) or "nobody looked")
    return Finding("fault", Outcome.PASS, Fidelity.REAL, "; ".join(f"{b.seen_by}: {b.detail}" for b in bites))


def judge_checks(record: Record, started: DrillStarted) -> Finding:
    """All that the witness had to look at was looked at, and is as it must be: a good look mends no bad one."""
    looks = [probe for probe in record.all(Probed) if probe.stage is Stage.VALIDATION]
    bad = [f"{probe.probe}: {probe.detail}" for probe in looks if not probe.ok]
    made = {probe.probe: probe for probe in looks}
    missing = [name for name in started.checks if name not in made]
    if bad:
        return Finding("checks", Outcome.FAIL, Fidelity.REAL, "; ".join(bad))
    if missing:
        return Finding("checks", Outcome.INCONCLUSIVE, Fidelity.REAL, "never looked at: " + ", ".join(missing))
    if started.fidelity is not Fidelity.REAL:
        return Finding("checks", Outcome.INCONCLUSIVE, started.fidelity, "emulated servers prove nothing")
    return Finding("checks", Outcome.PASS, Fidelity.REAL, "; ".join(f"{p.probe}: {p.detail}" for p in made.values()))


def judge_undisturbed(record: Record) -> Finding:
    """Whoever uses the service was served all the time: the drill touched nothing that they need.

    Every client counts, also one that decides nothing where a recovery is timed. Of a reader any right answer does:
    whether the cache was there, the keeper tells, who is not put off by a cache that is slow for a moment.
    """
    any_answer = {seen.client for seen in record.outages}
    served = [seen for seen in record.outages if at_the_public_name(seen.client) not in any_answer]
    hurt = [f"{seen.client} was refused {seen.bad} of {seen.probes} times" for seen in served if seen.bad]
    if not any(seen.probes for seen in record.outages):
        return Finding("undisturbed", Outcome.INCONCLUSIVE, Fidelity.REAL, "nobody used the service")
    if hurt:
        starved = record.first(HostStarved) is not None
        outcome = Outcome.INCONCLUSIVE if starved else Outcome.FAIL
        said = "; ".join(hurt) + ("; the host stood still for a while" if starved else "")
        return Finding("undisturbed", outcome, Fidelity.REAL, said)
    if lost := sum(gap.lost for gap in (record.gap, record.cache_gap) if gap.measured):
        said = f"{lost} acknowledged writes are gone"
        return Finding("undisturbed", Outcome.FAIL, Fidelity.REAL, said)
    if gone := [f"{p.probe}: {p.detail}" for p in record.all(Probed) if p.stage is Stage.SETTLED and not p.ok]:
        return Finding("undisturbed", Outcome.FAIL, Fidelity.REAL, "at the end: " + "; ".join(gone))
    total = sum(seen.probes for seen in record.outages)
    return Finding("undisturbed", Outcome.PASS, Fidelity.REAL, f"{total} requests, none refused")
