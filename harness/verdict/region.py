"""Where a whole region was lost: did the recovery do without it, in the right order, as widely, and for good?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from harness.aws_rules.global_services import UNREACHABLE, is_global, needs_us_east_1
from harness.aws_rules.lags import LAGS
from harness.aws_rules.leading import led
from harness.facts import (
    CallMade,
    CapacitySeen,
    DrillStarted,
    Phase,
    PhaseEntered,
    RecoveryEnded,
    RegionReturned,
    Stage,
)
from harness.objectives import Fidelity, Outcome
from harness.record import Record
from harness.verdict.blind import over
from harness.verdict.cache import judge_strength
from harness.verdict.model import Finding
from harness.verdict.procedure import operator_calls

_SERVES, _DETACHED_FROM = "UpdateService", "ReplicationGroupRegion"
_ROLLED_OUT = "COMPLETED"
"""What ECS calls a deployment that is at its end."""


def findings(record: Record, started: DrillStarted) -> Iterator[Finding]:
    """What is asked besides where a region was lost; nothing in any other drill."""
    if started.lost_region:
        yield judge_independence(record, started.lost_region, control_planes=not started.names_move)
        yield judge_order(record, started)
        yield judge_capacity(record, lost=started.lost_region)
        yield replace(judge_strength(record), name="cache protection")


def judge_independence(record: Record, lost: str, *, control_planes: bool = False) -> Finding:
    """The recovery called nothing in the region that was lost: on the day there would be nobody to answer.

    Nor the global services, where their `control_planes` were lost with it.
    """
    calls = list(_while_it_was_lost(record))
    if not calls:
        return Finding("independence", Outcome.INCONCLUSIVE, Fidelity.EMULATED, "the recovery made no call")
    there = [call for call in calls if call.region == lost and not is_global(call.service)]
    there += [call for call in calls if call.error == UNREACHABLE]
    there += [call for call in calls if control_planes and needs_us_east_1(call.service, call.operation)]
    if there:
        said = ", ".join(sorted({f"{call.service} {call.operation}" for call in there}))
        return Finding("independence", Outcome.FAIL, Fidelity.EMULATED, f"{lost} was lost, and was called: {said}")
    return Finding("independence", Outcome.PASS, Fidelity.EMULATED, f"{len(calls)} calls, none of them to {lost}")


def judge_order(record: Record, started: DrillStarted) -> Finding:
    """Stores of data first, then what serves, then the names: whoever is led on earlier finds nothing that works.

    Where no name can be moved, health checks lead everybody on, to whatever serves.
    """
    calls = [call for call in _while_it_was_lost(record) if call.mutates and not call.error]
    stores = [c for c in calls if c.operation in LAGS and c.params.get(_DETACHED_FROM) != started.lost_region]
    serves = [call for call in calls if call.operation == _SERVES][:1]
    names = [call for call in calls if set(led(call.operation, call.params)) & set(started.names)]
    wanted = (("store", stores), ("service", serves), *([("name", names)] if started.names_move else []))
    if missing := [what for what, seen in wanted if not seen]:
        said = f"no {' and no '.join(missing)} was moved"
        return Finding("order", Outcome.INCONCLUSIVE, Fidelity.EMULATED, said)
    wrong = [*_before(serves, stores), *_before(names, stores), *_before(names, serves), *_unseen(record, names)]
    if wrong:
        return Finding("order", Outcome.FAIL, Fidelity.EMULATED, "; ".join(dict.fromkeys(wrong)))
    said = "stores, then the service, then the names" if names else "stores, then the service"
    return Finding("order", Outcome.PASS, Fidelity.EMULATED, said)


def _unseen(record: Record, names: list[CallMade]) -> Iterator[str]:
    """A service to which clients were led before anybody had seen it rolled out."""
    calls = [call for call in _while_it_was_lost(record) if names and call.started < names[0].started]
    changed = max((over(call) for call in calls if call.operation == _SERVES and not call.error), default=None)
    looks = [call for call in calls if call.operation == "DescribeServices" and call.started >= (changed or 0)]
    if changed is not None and not any(_ROLLED_OUT in call.states.values() for call in looks):
        yield f"{names[0].operation} was sent before the service was seen rolled out"


def _while_it_was_lost(record: Record) -> Iterator[CallMade]:
    """The recovery's calls until the region was brought back: from then on it may be called again."""
    back = next((s.at for s in record.stamped(PhaseEntered) if s.fact == PhaseEntered(Phase.RETURNING)), None)
    return (call for call in operator_calls(record) if back is None or call.started < back)


def judge_capacity(record: Record, asked: int = 0, *, lost: str = "") -> Finding:
    """What serves after the recovery is as wide as what served before and as was asked, and all of it is healthy.

    It has one deployment, which is at its end: with another one under way, what serves is not what will.
    """
    before, last = _counts(record, lost)
    if before is None or last is None:
        return Finding("capacity", Outcome.INCONCLUSIVE, Fidelity.REAL, "nobody counted the tasks before and after")
    said = f"{_counted(last)}, before {_counted(before)}" + (f", {asked} asked for" if asked else "")
    if not before.healthy:
        return Finding("capacity", Outcome.INCONCLUSIVE, Fidelity.REAL, said)
    enough = min(last.healthy, last.running) >= max(before.desired, before.healthy, last.desired, asked)
    settled = last.deployments == 1
    return Finding("capacity", Outcome.PASS if enough and settled else Outcome.FAIL, Fidelity.REAL, said)


def _counts(record: Record, lost: str) -> tuple[CapacitySeen | None, CapacitySeen | None]:
    """The first count before anything was struck, and the last one after it, of another region than the lost one."""
    struck = record.acted() or 0
    looks = [(s.at, s.fact) for s in record.stamped(CapacitySeen) if isinstance(s.fact, CapacitySeen)]
    before = [look for at, look in looks if look.stage is Stage.BASELINE and at <= struck]
    after = [look for at, look in looks if look.stage is Stage.SETTLED and at > struck and look.region != lost]
    return next(iter(before), None), after[-1] if after else None


def _counted(look: CapacitySeen) -> str:
    more = f" amid {look.deployments} deployments" if look.deployments != 1 else ""
    return f"{look.healthy} healthy of {look.running} running and {look.desired} wanted in {look.region}{more}"


def judge_return(record: Record) -> Finding:
    """The lost region came back and was well again, and nobody was led there: it has the data of before."""
    ended = record.when(RecoveryEnded)
    looks = [
        stamped.fact
        for stamped in record.stamped(RegionReturned)
        if isinstance(stamped.fact, RegionReturned) and ended is not None and stamped.at >= ended
    ]
    started = record.first(DrillStarted)
    lost = started.lost_region if started else ""
    if not looks or any(look.region != lost for look in looks):
        return Finding("return", Outcome.INCONCLUSIVE, Fidelity.REAL, "the lost region was never brought back")
    if not all(look.well and look.asked_again for look in looks):
        missing = "was not found well again" if not all(look.well for look in looks) else "came back, and nobody asked"
        return Finding("return", Outcome.INCONCLUSIVE, Fidelity.REAL, f"{looks[0].region} {missing}")
    serves = {look.region for look in record.all(CapacitySeen) if look.stage is Stage.SETTLED} - {lost}
    led_back = [look for look in looks if look.answered_by not in serves]
    if led_back:
        said = "; ".join(f"{look.detail} by {look.answered_by or 'nobody'}" for look in led_back)
        return Finding("return", Outcome.FAIL, Fidelity.REAL, f"once {looks[0].region} was back: {said}")
    said = f"{looks[0].region} is back, {looks[-1].answered_by} answers"
    return Finding("return", Outcome.PASS, Fidelity.REAL, said)


def _before(later: list[CallMade], earlier: list[CallMade]) -> Iterator[str]:
    """What should have come later and was sent before the other was answered."""
    for call in later:
        for first in earlier:
            if call.started < over(first):
                yield f"{call.operation} was sent before {first.operation}"
