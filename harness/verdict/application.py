"""Where a service or its balancer was struck: what serves in the end and how widely, and what others noticed of it."""

from __future__ import annotations

from collections.abc import Iterator

from harness.facts import DrillStarted, ReleaseSeen, Stage, TargetsSeen
from harness.objectives import Fidelity, Outcome
from harness.record import Record
from harness.verdict.blind import over
from harness.verdict.model import Finding
from harness.verdict.procedure import operator_calls
from harness.verdict.region import judge_capacity

_ROLLED_OUT = "COMPLETED"
_HEALTHY = "healthy"
_CHANGES = frozenset({"UpdateService", "RegisterTargets", "DeregisterTargets"})


def findings(record: Record, started: DrillStarted) -> Iterator[Finding]:
    """What is asked besides where a service or its balancer was struck; nothing in any other drill."""
    if started.tasks:
        yield judge_targets(record) if record.first(TargetsSeen) else judge_release(record)
        yield judge_capacity(record, started.tasks)
        yield judge_followed(record, started.tasks)
        yield judge_bystanders(record)


def judge_release(record: Record) -> Finding:
    """In the end every task runs what it ran before the disaster, and none what was deployed with it."""
    seen = {look.stage: look for look in record.all(ReleaseSeen)}
    before, after = seen.get(Stage.BASELINE), seen.get(Stage.SETTLED)
    if before is None or after is None or not before.images:
        said = "nobody looked what the tasks ran before and after"
        return Finding("release", Outcome.INCONCLUSIVE, Fidelity.REAL, said)
    if strange := sorted(set(after.images) - set(before.images)):
        said = f"tasks of {after.service} run {', '.join(strange)}, before {', '.join(before.images)}"
        return Finding("release", Outcome.FAIL, Fidelity.REAL, said)
    if not after.images:
        return Finding("release", Outcome.FAIL, Fidelity.REAL, f"{after.service} has no task")
    return Finding("release", Outcome.PASS, Fidelity.REAL, f"{', '.join(after.images)}, as before")


def judge_targets(record: Record) -> Finding:
    """In the end the balancer sends to what is healthy alone, and to no fewer places than before."""
    seen = {look.stage: look.states for look in record.all(TargetsSeen)}
    before, after = seen.get(Stage.BASELINE), seen.get(Stage.SETTLED)
    if not before or after is None:
        said = "nobody looked where the balancer sent before and after"
        return Finding("targets", Outcome.INCONCLUSIVE, Fidelity.REAL, said)
    wrong = [f"{target} is {state}" for target, state in after.items() if state != _HEALTHY]
    if wrong or len(after) < len(before):
        said = "; ".join([*wrong, f"{len(after)} targets, {len(before)} before"])
        return Finding("targets", Outcome.FAIL, Fidelity.REAL, said)
    return Finding("targets", Outcome.PASS, Fidelity.REAL, f"{', '.join(after)}, all healthy")


def judge_followed(record: Record, tasks: int) -> Finding:
    """The last change was followed by who made it: the service was seen rolled out, its targets healthy."""
    calls = list(operator_calls(record))
    changes = [call for call in calls if call.operation in _CHANGES and not call.error]
    if not changes:
        return Finding("followed", Outcome.INCONCLUSIVE, Fidelity.EMULATED, "neither service nor targets were changed")
    last = max(changes, key=lambda call: call.started)
    shown = [call for call in calls if call.started >= over(last) and call.region == last.region]
    service = str(last.params.get("service", "")).rsplit("/", 1)[-1]
    rolled_out = last.operation != "UpdateService" or any(
        call.states.get(service) == _ROLLED_OUT for call in shown if call.operation == "DescribeServices"
    )
    healthy = max(
        (list(c.states.values()).count(_HEALTHY) for c in shown if c.operation == "DescribeTargetHealth"), default=0
    )
    if not rolled_out or healthy < tasks:
        rollout = "" if rolled_out else f", {service} never rolled out"
        said = f"after the last change {healthy} of {tasks} targets were seen healthy{rollout}"
        return Finding("followed", Outcome.FAIL, Fidelity.EMULATED, said)
    said = f"after the last change {healthy} targets were seen healthy"
    return Finding("followed", Outcome.PASS, Fidelity.EMULATED, said)


def judge_bystanders(record: Record) -> Finding:
    """Who reaches the database without the application was served all the time: nothing happened to it."""
    others = [outage for outage in record.outages if not outage.decides]
    if not others or not all(outage.good_before for outage in others):
        return Finding("bystanders", Outcome.INCONCLUSIVE, Fidelity.REAL, "nobody wrote past the application")
    hurt = [outage for outage in others if outage.felt or outage.flaps]
    said = "; ".join(f"{outage.client}: {outage.bad} of {outage.probes} failed" for outage in hurt or others)
    if not hurt:
        return Finding("bystanders", Outcome.PASS, Fidelity.REAL, said)
    starved = all(outage.flaps == outage.starved and not outage.felt for outage in hurt)
    return Finding("bystanders", Outcome.INCONCLUSIVE if starved else Outcome.FAIL, Fidelity.REAL, said)
