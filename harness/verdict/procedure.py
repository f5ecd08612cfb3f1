"""Was the recovery performed as planned, did it wait where it had to, and was a failed switch taken back?

Judged from steps, the call trace and the looks at the configuration.
"""

from __future__ import annotations

from collections.abc import Iterator

from harness.aws_rules.leading import leads_clients
from harness.aws_rules.operations import HOPELESS, PROMOTION
from harness.aws_rules.settling import SETTLES, left_unsettled
from harness.facts import (
    OPERATORS,
    CallMade,
    ConfigurationSeen,
    DrillStarted,
    FencingProbed,
    ReadBackTaken,
    RecoveryEnded,
    ServedBy,
    StepEnded,
    SwitchFailed,
)
from harness.objectives import Fidelity, Outcome
from harness.record import Record
from harness.verdict.blind import READY, blind_takeovers, over, wall_of
from harness.verdict.breaking_off import broken_off
from harness.verdict.model import Finding

TOO_EARLY = frozenset({"InvalidDBInstanceState", "InvalidDBInstanceStateFault", "InvalidReplicationGroupState"})
"""What AWS answers to a change of a resource that is not ready: trying until it takes is no waiting."""


def judge_procedure(record: Record, started: DrillStarted) -> Finding:
    """The recovery ran to its end, and every step that was planned was performed and succeeded."""
    ended = record.last(RecoveryEnded)
    if ended is None:
        return Finding("procedure", Outcome.INCONCLUSIVE, Fidelity.REAL, "no recovery was performed")
    if not ended.ok:
        return Finding("procedure", Outcome.FAIL, Fidelity.REAL, ended.error)
    if others := sorted({f"{call.operation} by {call.actor}" for call in changes_by_others(record)}):
        said = f"somebody else changed things meanwhile: {', '.join(others)}"
        return Finding("procedure", Outcome.INCONCLUSIVE, Fidelity.REAL, said)
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
    calls = list(operator_calls(record))
    if not calls:
        return Finding("restraint", Outcome.INCONCLUSIVE, Fidelity.EMULATED, "nobody looked how it recovers by itself")
    if changes := sorted({call.operation for call in calls if call.mutates and not call.error}):
        said = f"it recovers by itself, and was changed: {', '.join(changes)}"
        return Finding("restraint", Outcome.FAIL, Fidelity.EMULATED, said)
    return Finding("restraint", Outcome.PASS, Fidelity.EMULATED, f"{len(calls)} calls, none of which changed anything")


def judge_rollback(record: Record) -> Finding:
    """The switch failed; before anything else was switched, settings and records were exactly as before the drill.

    That it failed, and that there was something to take back, is seen in the trace and in the looks at the
    configuration: the procedure's own word is not enough.
    """
    failed = record.when(SwitchFailed)
    if failed is None or not _a_promotion_failed(record, failed):
        return Finding("rollback", Outcome.INCONCLUSIVE, Fidelity.REAL, "the first switch did not fail")
    seen = [(s.at, s.fact) for s in record.stamped(ConfigurationSeen) if isinstance(s.fact, ConfigurationSeen)]
    before = next((fact.values for at, fact in seen if at < failed), None)
    calls = (c.started for c in record.all(CallMade) if c.operation == PROMOTION and not c.error)
    alternative = min((started for started in calls if started > failed), default=None)
    after = [fact for at, fact in seen if at > failed and (alternative is None or at < alternative)]
    if not before or not after:
        return Finding("rollback", Outcome.INCONCLUSIVE, Fidelity.EMULATED, "the configuration was not looked at")
    if not any(_differences(before, fact.values) for at, fact in seen if alternative is None or at < alternative):
        return Finding("rollback", Outcome.INCONCLUSIVE, Fidelity.EMULATED, "there was nothing to take back")
    last = after[-1]
    if wrong := _differences(before, last.values):
        if alternative is None and broken_off(record):
            said = "it ended before the switch was taken back"
            return Finding("rollback", Outcome.INCONCLUSIVE, Fidelity.EMULATED, said)
        said = f"not as before: {', '.join(wrong)} ({last.moment})"
        return Finding("rollback", Outcome.FAIL, Fidelity.EMULATED, said)
    said = f"{len(before)} settings and records as before, {last.moment}"
    return Finding("rollback", Outcome.PASS, Fidelity.EMULATED, said)


def judge_waits(record: Record) -> Finding:
    """No change was sent before what it rests on was seen: that a resource is available, how far a replica lags."""
    calls = sorted(operator_calls(record), key=lambda call: call.started)
    if not calls:
        return Finding("waits", Outcome.INCONCLUSIVE, Fidelity.EMULATED, "the recovery made no call")
    if wrong := [*early_changes(calls), *blind_takeovers(calls, wall_of(record, record.acted()))]:
        return Finding("waits", Outcome.FAIL, Fidelity.EMULATED, "; ".join(wrong))
    return Finding("waits", Outcome.PASS, Fidelity.EMULATED, f"{sum(c.mutates for c in calls)} changes, none too early")


def late_changes(record: Record) -> Iterator[CallMade]:
    """Changes that the operator made after the drill had looked at what came of the recovery."""
    looked = min((s.at for s in record.stamped(ServedBy, FencingProbed, ReadBackTaken)), default=None)
    for call in operator_calls(record):
        if looked is not None and call.mutates and not call.error and call.started > looked:
            yield call


def changes_by_others(record: Record) -> Iterator[CallMade]:
    """Changes after the strike that no operator made: what they did for the recovery is not the procedure's."""
    struck = record.acted()
    for call in record.all(CallMade):
        if call.actor in OPERATORS or not call.mutates or call.error:
            continue
        if struck is not None and call.started >= struck:
            yield call


def operator_calls(record: Record) -> Iterator[CallMade]:
    """From the strike on: who begins before the recovery is declared begun has begun all the same."""
    since = record.acted()
    for call in record.all(CallMade):
        if since is not None and call.actor in OPERATORS and call.started >= since:
            yield call


def early_changes(calls: list[CallMade]) -> Iterator[str]:
    """Each change sent too early, given one operator's calls.

    A resource is what it is called in its region: a describe of its namesake elsewhere says nothing of it. What a
    describe shows is known when it is answered, and says nothing of a change that was sent after it.
    """
    settling: dict[tuple[str, str], CallMade] = {}
    for call in sorted(calls, key=lambda call: call.started if call.mutates else over(call)):
        for resource, status in call.states.items():
            cause = settling.get((call.region, resource))
            if cause and cause.started <= call.started and (status == READY or status in HOPELESS):
                del settling[call.region, resource]
        if call.mutates and call.error in TOO_EARLY:
            yield f"{call.operation} was refused with {call.error}: it was sent before its resource was ready"
        if not call.mutates or call.error:
            continue
        for (region, resource), cause in settling.items():
            same = region == call.region and resource in call.resources
            if same or (SETTLES[cause.operation].serves and leads_clients(call.operation)):
                yield f"{call.operation} was sent while {resource} was not yet available after {cause.operation}"
        if resource := left_unsettled(call.operation, call.params):
            settling[call.region, resource] = call


def _a_promotion_failed(record: Record, told: int) -> bool:
    """Whether, before the switch was told to have failed, a promotion was refused or led to a hopeless state."""
    calls = [call for call in record.all(CallMade) if call.started < told]
    tried = [call for call in calls if call.operation == PROMOTION]
    hopeless = {(c.region, name) for c in calls for name, state in c.states.items() if state in HOPELESS}
    return any(call.error or hopeless & {(call.region, name) for name in call.resources} for call in tried)


def _differences(before: dict[str, str], after: dict[str, str]) -> list[str]:
    return [name for name in {**before, **after} if before.get(name) != after.get(name)]
