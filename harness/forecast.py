"""What the recovery would take on AWS: published and observed durations in place of the paced waits. Pure.

It is a forecast, and labelled one. Terms of one part come one after the other, so they add up; only signals of
detection run side by side: the first to speak may be the quickest, and must be assumed to be the slowest. The
rehearsal's own time is the share of the real work: the upper bound counts all of it, because some of it was work and
not a paced wait; the lower bound none. A pause of a procedure's own, which no call explains, is known only by its paced
seconds; so procedures wait for what they can see, and never for a time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise, takewhile

from harness.aws_rules.durations import (
    CONVERT_TO_MULTI_AZ,
    MODIFY_INSTANCE,
    OF_OPERATION,
    SERVES_MEANWHILE,
    Published,
)
from harness.aws_rules.immediate import IMMEDIATE
from harness.aws_rules.operations import MODIFICATIONS
from harness.clock import span
from harness.facts import (
    OPERATORS,
    CallMade,
    Detected,
    DrillStarted,
    FaultStruck,
    ForecastInput,
    Part,
    RecoveryEnded,
    RecoveryStarted,
    StepStarted,
)
from harness.record import Record, worst_outage

_NEEDED = (Part.DETECT, Part.EXECUTE, Part.REDIRECT)
_NOTHING = timedelta(0)


@dataclass(frozen=True, slots=True)
class Term:
    """One term: how long something takes at least and at most, and who says so."""

    part: Part
    what: str
    low: timedelta
    high: timedelta
    source: str


@dataclass(frozen=True, slots=True)
class Forecast:
    """The recovery time to expect, with its terms. It is complete when no part that is needed is `missing`.

    While something is, `low` and `high` are what the known terms add up to: the recovery takes at least `low`.
    """

    low: timedelta
    high: timedelta
    parts: tuple[Term, ...]
    missing: tuple[str, ...] = ()

    @property
    def complete(self) -> bool:
        return not self.missing


def forecast(record: Record) -> Forecast:
    """The forecast of a drill's recovery, without the verification, which comes after service is back."""
    parts = [*_given(record), *_traced(record)]
    missing = [part.value for part in _NEEDED if not any(term.part is part for term in parts)]
    missing += _unpublished(record)
    started = record.first(DrillStarted)
    if started is None:
        missing.append(Part.DECIDE.value)
    else:
        time = max(_NOTHING, started.decision_time)
        parts.append(Term(Part.DECIDE, "an operator takes the decision", time, time, "the drill's terms"))
    rehearsed = _rehearsed(record)
    if rehearsed is None:
        missing.append("the rehearsal's own time")
    else:
        parts.append(Term(Part.EXECUTE, "the work itself", _NOTHING, rehearsed, "measured in this rehearsal"))
    order = list(Part)
    parts.sort(key=lambda part: order.index(part.part))
    low, high = (_added(parts, bound) for bound in ("low", "high"))
    return Forecast(low, high, tuple(parts), tuple(missing))


def _given(record: Record) -> Iterator[Term]:
    """Terms that a probe read from the API; one that needs a call counts only where the recovery made it."""
    made = {call.operation for call in _changes(record)}
    for term in record.all(ForecastInput):
        if term.part is not Part.VERIFY and (not term.only_if or term.only_if in made):
            yield Term(term.part, term.what, term.low, term.high, term.source)


def _traced(record: Record) -> Iterator[Term]:
    """What AWS takes for the changes that the recovery made, by its own calls and not by its own account."""
    waited = _waited_for(record)
    for part, call in _counted(record):
        if call.operation in OF_OPERATION or call in waited:
            what, takes = OF_OPERATION.get(call.operation) or _modification(call)
            yield Term(part, f"{what} ({_target(call)})", takes.usual, takes.worst, takes.source)


def _unpublished(record: Record) -> list[str]:
    """Changes of which nobody says how long they take AWS: no term stands for them, and none is not zero."""
    waited, unknown = _waited_for(record), []
    for _, call in _counted(record):
        if call.operation in OF_OPERATION or call.operation in IMMEDIATE or call in waited:
            continue
        interrupts = ", ".join(sorted(set(call.params) - SERVES_MEANWHILE))
        if call.operation not in MODIFICATIONS:
            unknown.append(f"how long {call.operation} takes ({_target(call)})")
        elif interrupts:
            unknown.append(f"how long {call.operation} interrupts {_target(call)} ({interrupts})")
    return list(dict.fromkeys(unknown))


def _counted(record: Record) -> Iterator[tuple[Part, CallMade]]:
    """The changes that the recovery time holds, and the part that each is shown under.

    The name of a step's part moves no figure: whatever was changed before service was back counts, and one change comes
    after the other. Only after that is verifying what it says it is.
    """
    steps = [(s.at, s.fact.part) for s in record.stamped(StepStarted) if isinstance(s.fact, StepStarted)]
    worst = worst_outage(record.outages)
    back = worst.back_high if worst else None
    for call in _changes(record):
        part = next((part for at, part in reversed(steps) if at <= call.started), Part.EXECUTE)
        if part is not Part.VERIFY or back is None or call.started < back:
            yield Part.REDIRECT if part is Part.REDIRECT else Part.EXECUTE, call


def _target(call: CallMade) -> str:
    return ", ".join(call.resources) or call.service


def _waited_for(record: Record) -> list[CallMade]:
    """Modifications after which the operator looked at the instance before changing anything else.

    What was seen does not matter: a rehearsal may be so quick that the first look already shows it available.
    """
    found = []
    calls = sorted((c for c in record.all(CallMade) if c.actor in OPERATORS), key=lambda call: call.started)
    for place, call in enumerate(calls):
        if call.operation != "ModifyDBInstance" or call.error:
            continue
        looks = takewhile(lambda later: not later.mutates, calls[place + 1 :])
        if any(_shows(look, call) for look in looks):
            found.append(call)
    return found


def _shows(look: CallMade, change: CallMade) -> bool:
    """Whether a call looked at a resource that the change was made to."""
    there = (look.service, look.region) == (change.service, change.region)
    return there and bool({*look.states, *look.resources} & {*change.resources})


def _modification(call: CallMade) -> tuple[str, Published]:
    return "modification", CONVERT_TO_MULTI_AZ if call.params.get("MultiAZ") else MODIFY_INSTANCE


def _changes(record: Record) -> list[CallMade]:
    """The changes that an operator's calls made since the strike, in order: the recovery is whatever comes after it."""
    begun = min((s.at for s in record.stamped(FaultStruck, RecoveryStarted)), default=None)
    calls = [call for call in record.all(CallMade) if call.actor in OPERATORS and call.mutates and not call.error]
    return sorted((c for c in calls if begun is not None and c.started >= begun), key=lambda call: call.started)


def phases(record: Record) -> Mapping[Part, timedelta]:
    """The measured recovery time, to the middle of the bounds, split up; empty where it was not measured.

    Detection lasts until the first signal, the decision until the recovery begins, a step until the next one; after the
    last one clients are redirected. Those four add up to the recovery time. Verification is what came after service
    was back.
    """
    struck, back = record.when(FaultStruck), _back(record)
    if struck is None or back is None:
        return {}
    split = dict.fromkeys(Part, _NOTHING)
    cuts = [*sorted(_cuts(record, struck), key=lambda cut: cut[0]), (back, Part.VERIFY)]
    for (begin, part), (end, _) in pairwise(cuts):
        split[part] += span(struck, min(end, back)) - span(struck, min(begin, back))
    ended = max((s.at for s in record.stamped(RecoveryEnded)), default=back)
    split[Part.VERIFY] = max(_NOTHING, span(back, ended))
    return split


def _cuts(record: Record, struck: int) -> Iterator[tuple[int, Part]]:
    """The moments from which on time belongs to a part."""
    yield struck, Part.DETECT
    begun = record.when(RecoveryStarted)
    for stamped in record.stamped(Detected, RecoveryStarted, StepStarted, RecoveryEnded):
        if stamped.at <= struck:
            continue
        match stamped.fact:
            case Detected():
                if begun is None or stamped.at < begun:
                    yield stamped.at, Part.DECIDE if begun is not None else Part.EXECUTE
            case RecoveryStarted():
                yield stamped.at, Part.EXECUTE
            case StepStarted(part=part):
                yield stamped.at, Part.REDIRECT if part is Part.VERIFY else part
            case RecoveryEnded():
                yield stamped.at, Part.REDIRECT


def _back(record: Record) -> int | None:
    worst = worst_outage(record.outages)
    if worst is None or worst.back_low is None or worst.back_high is None:
        return None
    return (worst.back_low + worst.back_high) // 2


def _rehearsed(record: Record) -> timedelta | None:
    """The measured recovery time at its upper bound."""
    struck, worst = record.when(FaultStruck), worst_outage(record.outages)
    return span(struck, worst.back_high) if struck is not None and worst and worst.back_high is not None else None


def _added(parts: Sequence[Term], bound: str) -> timedelta:
    times: dict[Part, list[timedelta]] = {part: [] for part in Part}
    for part in parts:
        times[part.part].append(getattr(part, bound))
    signals = times.pop(Part.DETECT)
    first = (min if bound == "low" else max)(signals, default=_NOTHING)
    return first + sum((time for each in times.values() for time in each), _NOTHING)
