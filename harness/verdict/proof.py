"""Did the drill prove anything? Each of these turns a doubtful drill INCONCLUSIVE, never into a pass."""

from __future__ import annotations

from datetime import timedelta

from harness.clock import in_words, span
from harness.facts import (
    CLIENTS,
    DATA,
    MACHINE,
    UNTIL_THE_END,
    ClientEnded,
    ClientStarted,
    Detected,
    DrillStarted,
    FaultBitten,
    FaultStruck,
    HostStarved,
    NotDetected,
    Phase,
    PhaseEntered,
    Probed,
    Problem,
    RecoveryEnded,
    Stage,
    TornDown,
)
from harness.objectives import Fidelity, Outcome
from harness.record import ClientActivity, Record
from harness.verdict.model import Finding
from harness.verdict.own_disk import ran_out

ENOUGH_WRITES = 20
"""Acknowledged writes that each writer number of a client needs before the strike for the ledger to mean something."""
TOLERATED_SILENCE = timedelta(seconds=2)
"""A client has a row for every due time, so a longer silence means that the client stalled, not the service."""
LAST_SILENCE = timedelta(seconds=1.5)
"""A client with one write under way waits a second for its answer before it sends another."""


def _real(name: str, outcome: Outcome, detail: str) -> Finding:
    return Finding(name, outcome, Fidelity.REAL, detail)


def judge_harness(record: Record) -> Finding:
    """The harness itself ran to the end without a fault of its own."""
    problems = [f"{p.where}: {p.error}" for p in record.all(Problem)]
    problems += ran_out(record)
    if record.first(DrillStarted) is None:
        problems.append("the drill never stated its terms")
    if problems:
        return _real("harness", Outcome.INCONCLUSIVE, "; ".join(problems))
    return _real("harness", Outcome.PASS, "no problem of its own")


def judge_steady_state(record: Record) -> Finding:
    """Before the strike the service was well and every client had acknowledged writes."""
    probes = [p for p in record.all(Probed) if p.stage is Stage.BASELINE]
    bad = [f"{p.probe}: {p.detail}" for p in probes if not p.ok]
    idle = [
        f"{_who(a)} had {a.acknowledged_before} writes"
        for a in record.activity
        if a.acknowledged_before < ENOUGH_WRITES
    ]
    if not probes or not record.activity:
        return _real("steady state", Outcome.INCONCLUSIVE, "no look was taken before the strike")
    if bad or idle:
        return _real("steady state", Outcome.INCONCLUSIVE, "; ".join(bad + idle))
    return _real("steady state", Outcome.PASS, f"{len(probes)} probes good, every client writing")


def judge_fault(record: Record) -> Finding:
    """The fault happened to the machine, and every client that decides felt it; a silent one shows in the data."""
    struck, blow, started = record.when(FaultStruck), record.first(FaultStruck), record.first(DrillStarted)
    if struck is None or blow is None or started is None or blow.fault != started.fault:
        return _real("fault", Outcome.INCONCLUSIVE, "what the drill is about was not struck")
    bites = [s.fact for s in record.stamped(FaultBitten) if isinstance(s.fact, FaultBitten) and s.at >= struck]
    unbitten = [f"{b.seen_by}: {b.detail or 'not felt'}" for b in bites if not b.bitten]
    deciding = [o for o in record.outages if o.decides]
    witnesses = {MACHINE, DATA if started.silent else CLIENTS}
    unfelt = [f"{o.client} never lost service" for o in deciding if not o.felt and not started.silent]
    unfelt += [f"{o.client} had lost service before" for o in deciding if o.lost_high and o.lost_high < struck]
    ended = record.first(RecoveryEnded) is not None
    if started.fault_lasts and ended and not any(b.seen_by == UNTIL_THE_END for b in bites):
        unbitten.append("nobody looked whether it lasted until the recovery had ended")
    if not witnesses <= {b.seen_by for b in bites} or not deciding:
        return _real("fault", Outcome.INCONCLUSIVE, "nobody looked whether the fault was felt")
    if unbitten or unfelt:
        return _real("fault", Outcome.INCONCLUSIVE, "; ".join(unbitten + unfelt))
    return _real("fault", Outcome.PASS, "; ".join(f"{b.seen_by}: {b.detail}" for b in bites))


def judge_workload(record: Record) -> Finding:
    """Every writer number of every client worked from before the strike to the end, without dying or stalling."""
    started = {c.client for c in record.all(ClientStarted)}
    writers = {(c.client, writer) for c in record.all(ClientStarted) for writer in c.writers}
    ended = {c.client: c for c in record.all(ClientEnded)}
    active = {(a.client, a.writer): a for a in record.activity if a.rows}
    doubts = [f"{name} has no end" for name in sorted(started - set(ended))]
    doubts += [
        f"{c.client} ended by itself with {c.exit_code}" for c in ended.values() if not c.asked_to or c.exit_code
    ]
    doubts += [
        f"{name} (writer {writer}) wrote nothing that could be measured"
        for name, writer in sorted(writers - set(active))
    ]
    doubts += [
        f"{_who(a)} stalled for {a.longest_silence.total_seconds():.1f} s"
        for a in active.values()
        if a.longest_silence > TOLERATED_SILENCE
    ]
    doubts += [f"{_who(a)} has no row of {a.missing} of its writes" for a in active.values() if a.missing]
    doubts += [f"{_who(a)} left its schedule {a.off_schedule} times" for a in active.values() if a.off_schedule]
    doubts += [f"{_who(a)} was silent at the end" for a in active.values() if _silent_at_the_end(record, a)]
    back = any(o.back_high is not None for o in record.outages)
    doubts += [
        f"{_who(a)} wrote nothing after the recovery" for a in active.values() if back and not a.acknowledged_after
    ]
    if not started:
        return _real("workload", Outcome.INCONCLUSIVE, "no client was started")
    if doubts:
        return _real("workload", Outcome.INCONCLUSIVE, "; ".join(doubts))
    return _real("workload", Outcome.PASS, f"{sum(a.rows for a in active.values())} requests by {len(active)} writers")


def _who(activity: ClientActivity) -> str:
    return f"{activity.client} (writer {activity.writer})"


def _silent_at_the_end(record: Record, activity: ClientActivity) -> bool:
    """Whether a client's last request is long before it was asked to end, or, where nobody knows when, before its end.

    A host that stood still then may have kept it from sending.
    """
    ends = [
        s.at
        for s in record.stamped(ClientEnded)
        if isinstance(s.fact, ClientEnded) and s.fact.client == activity.client
    ]
    if not ends or activity.last is None:
        return False
    last, end = activity.last, ends[0]
    settling = PhaseEntered(Phase.SETTLING)
    asked = min((s.at for s in record.stamped(PhaseEntered) if s.fact == settling), default=end)
    starved = any(s.began < asked and s.ended > last for s in record.all(HostStarved))
    tolerated = TOLERATED_SILENCE * 2 if starved else LAST_SILENCE
    return span(last, asked) > tolerated or span(last, end) > TOLERATED_SILENCE * 2


def judge_detection(record: Record) -> Finding:
    """Each signal that should call the operator came."""
    missing = [f"{n.signal} {n.name} silent for {in_words(n.within)}" for n in record.all(NotDetected)]
    struck = record.when(FaultStruck)
    seen = [s.fact for s in record.stamped(Detected) if isinstance(s.fact, Detected) and struck and s.at >= struck]
    started = record.first(DrillStarted)
    silent = set(started.signals if started else ()) - {d.name for d in seen}
    if missing:
        return Finding("detection", Outcome.FAIL, Fidelity.EMULATED, "; ".join(missing))
    if not seen or silent:
        said = "never heard of: " + ", ".join(sorted(silent)) if silent else "no signal was waited for"
        return Finding("detection", Outcome.INCONCLUSIVE, Fidelity.EMULATED, said)
    return Finding("detection", Outcome.PASS, Fidelity.EMULATED, "; ".join(f"{d.signal} {d.name}" for d in seen))


def judge_teardown(record: Record) -> Finding:
    """Nothing of the drill was left behind."""
    torn = record.last(TornDown)
    if torn is None:
        return _real("teardown", Outcome.INCONCLUSIVE, "nobody knows whether anything was left behind")
    if torn.left_over:
        return _real("teardown", Outcome.FAIL, "left over: " + ", ".join(torn.left_over))
    return _real("teardown", Outcome.PASS, "nothing left over")
