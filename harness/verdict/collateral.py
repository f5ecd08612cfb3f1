"""What a recovery did beside what it was there for: damage that no measured figure tells of."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from harness.aws_rules.harm import OBJECTS, OPENS, REPLACES, TURNS, destroys
from harness.aws_rules.leading import leads_clients, led
from harness.aws_rules.operations import MODIFICATIONS
from harness.aws_rules.settling import left_unsettled, made_as
from harness.facts import CallMade, DrillStarted
from harness.objectives import Fidelity, Outcome
from harness.record import Record
from harness.verdict.model import Finding
from harness.verdict.procedure import operator_calls

_MAKES = ("Create", "Restore", "Copy", "StartRestoreJob")


def judge_collateral(record: Record, started: DrillStarted) -> Finding:
    """The recovery destroyed and opened nothing but what it had made, and turned nothing but what it is about."""
    calls = sorted(operator_calls(record), key=lambda call: call.started)
    if not calls:
        return Finding("collateral", Outcome.INCONCLUSIVE, Fidelity.EMULATED, "the recovery made no call")
    harm = list(dict.fromkeys(harmful(calls, started.touches, started.alarms)))
    if harm:
        more = f"; and {len(harm) - 5} more" if len(harm) > 5 else ""
        return Finding("collateral", Outcome.FAIL, Fidelity.EMULATED, "; ".join(harm[:5]) + more)
    said = f"{sum(call.mutates for call in calls)} changes, none beside what the recovery is about"
    return Finding("collateral", Outcome.PASS, Fidelity.EMULATED, said)


def harmful(calls: Iterable[CallMade], touches: Collection[str], alarms: Collection[str] = ()) -> Iterator[str]:
    """Each change that harms something else; `touches` are the names of what the drill strikes and recovers.

    An alarm of these names was there before: whoever puts another in its place leaves what it watched unwatched.
    """
    made = set[tuple[str, str, str]]()
    for call in calls:
        if not call.mutates or call.error:
            continue
        if call.operation.startswith(_MAKES) and (name := left_unsettled(call.operation, call.params)):
            made.add((call.region, made_as(call.operation), name))
        own = {name for region, key, name in made if region == call.region and call.params.get(key) == name}
        if call.operation in TURNS | OBJECTS | MODIFICATIONS or leads_clients(call.operation):
            allowed = own | set(touches)
        elif call.operation in OPENS or destroys(call.operation):
            allowed = own
        else:
            if call.operation in REPLACES and (alarm := str(call.params.get("AlarmName", ""))) in alarms:
                yield f"{call.operation} of {alarm}"
            continue
        of_datastore = "GlobalReplicationGroup" in call.operation
        if strange := [name for name in _changed(call) if not _is_one_of(name, allowed, lettered=of_datastore)]:
            yield f"{call.operation} of {', '.join(strange)}"


def _is_one_of(name: str, allowed: Collection[str], *, lettered: bool) -> bool:
    """Whether an identifier, a path or an ARN is of one of these; a Global Datastore's name has letters before it."""
    ends = (":", "-") if lettered else (":",)
    return any(
        name == one or name.startswith(f"{one}/") or name.endswith(tuple(f"{end}{one}" for end in ends))
        for one in allowed
    )


def _changed(call: CallMade) -> tuple[str, ...]:
    """What a call changes; a modification names groups too, which it leaves as they are."""
    if call.operation in MODIFICATIONS and (name := left_unsettled(call.operation, call.params)):
        return (name,)
    return led(call.operation, call.params) or call.resources or ("something without a name",)
