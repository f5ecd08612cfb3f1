"""Was the recovery performed as planned, and did it wait where it had to? Judged from steps and the call trace."""

from __future__ import annotations

from collections.abc import Iterator

from harness.aws_rules.operations import HOPELESS, LONG_RUNNING
from harness.facts import (
    OPERATORS,
    CallMade,
    DrillStarted,
    FencingProbed,
    ReadBackTaken,
    RecoveryEnded,
    RecoveryStarted,
    ServedBy,
    StepEnded,
)
from harness.objectives import Fidelity, Outcome
from harness.record import Record
from harness.verdict.breaking_off import broken_off
from harness.verdict.model import Finding

MAKES_A_DATABASE = LONG_RUNNING - {"ModifyDBInstance"}
"""Of what takes long, the calls after which nothing may be sent to the new database before it was seen available."""
READY = "available"
TOO_EARLY = frozenset({"InvalidDBInstanceState", "InvalidDBInstanceStateFault", "InvalidReplicationGroupState"})
"""What AWS answers to a change of a resource that is not ready: trying until it takes is no waiting."""


def judge_procedure(record: Record, started: DrillStarted) -> Finding:
    """The recovery ran to its end, and every step that was planned was performed and succeeded."""
    ended = record.last(RecoveryEnded)
    if ended is None:
        return Finding("procedure", Outcome.INCONCLUSIVE, Fidelity.REAL, "no recovery was performed")
    if not ended.ok:
        return Finding("procedure", Outcome.FAIL, Fidelity.REAL, ended.error)
    if late := sorted({call.operation for call in late_changes(record)}):
        said = f"changed after it had been looked at: {', '.join(late)}"
        return Finding("procedure", Outcome.FAIL, Fidelity.REAL, said)
    done = [s.name for s in record.all(StepEnded) if s.ok]
    missing = [name for name in started.planned_steps if name not in done]
    if missing or not done:
        worst = Outcome.INCONCLUSIVE if broken_off(record) else Outcome.FAIL
        return Finding("procedure", worst, Fidelity.REAL, "never done: " + ", ".join(missing or ["any step"]))
    return Finding("procedure", Outcome.PASS, Fidelity.REAL, f"{len(done)} steps")


def judge_restraint(record: Record) -> Finding:
    """What recovers by itself was left alone: whoever promotes a replica there splits the data in two."""
    calls = list(_operator_calls(record))
    if not calls:
        return Finding("restraint", Outcome.INCONCLUSIVE, Fidelity.EMULATED, "nobody looked how it recovers by itself")
    if changes := sorted({call.operation for call in calls if call.mutates and not call.error}):
        said = f"it recovers by itself, and was changed: {', '.join(changes)}"
        return Finding("restraint", Outcome.FAIL, Fidelity.EMULATED, said)
    return Finding("restraint", Outcome.PASS, Fidelity.EMULATED, f"{len(calls)} calls, none of which changed anything")


def judge_waits(record: Record) -> Finding:
    """No change that depends on a resource was sent before that resource was seen available, whatever the pace."""
    calls = sorted(_operator_calls(record), key=lambda call: call.started)
    if not calls:
        return Finding("waits", Outcome.INCONCLUSIVE, Fidelity.EMULATED, "the recovery made no call")
    early = list(early_changes(calls))
    if early:
        return Finding("waits", Outcome.FAIL, Fidelity.EMULATED, "; ".join(early))
    return Finding("waits", Outcome.PASS, Fidelity.EMULATED, f"{sum(c.mutates for c in calls)} changes, none too early")


def late_changes(record: Record) -> Iterator[CallMade]:
    """Changes that the operator made after the drill had looked at what came of the recovery."""
    looked = min((s.at for s in record.stamped(ServedBy, FencingProbed, ReadBackTaken)), default=None)
    for call in _operator_calls(record):
        if looked is not None and call.mutates and not call.error and call.started > looked:
            yield call


def _operator_calls(record: Record) -> Iterator[CallMade]:
    since = record.when(RecoveryStarted)
    for call in record.all(CallMade):
        if since is not None and call.actor in OPERATORS and call.started >= since:
            yield call


def early_changes(calls: list[CallMade]) -> Iterator[str]:
    """Each change sent too early, given one operator's calls in order of time."""
    settling: dict[str, CallMade] = {}
    for call in calls:
        for resource, status in call.states.items():
            if status == READY or status in HOPELESS:
                settling.pop(resource, None)
        if call.mutates and call.error in TOO_EARLY:
            yield f"{call.operation} was refused with {call.error}: it was sent before its resource was ready"
        if not call.mutates or call.error:
            continue
        for resource, cause in settling.items():
            if resource in call.resources or cause.operation in MAKES_A_DATABASE:
                yield f"{call.operation} was sent while {resource} was not yet available after {cause.operation}"
        if call.operation in LONG_RUNNING:
            settling.update((resource, call) for resource in call.resources)
