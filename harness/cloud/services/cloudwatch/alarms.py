"""Alarms: when datapoints put one into ALARM, OK or INSUFFICIENT_DATA, and the history of that.

The rules are those of the CloudWatch User Guide, "Configuring how CloudWatch alarms treat missing data". CloudWatch
looks at more datapoints than the evaluation periods, without saying at how many: here it is one more.
"""

from __future__ import annotations

import json
import operator
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from harness.cloud.services.cloudwatch.store import Sample, Series

OK, ALARM, INSUFFICIENT = "OK", "ALARM", "INSUFFICIENT_DATA"
_EXTRA_WINDOWS = 1
_BREACHES = {
    "GreaterThanThreshold": operator.gt,
    "GreaterThanOrEqualToThreshold": operator.ge,
    "LessThanThreshold": operator.lt,
    "LessThanOrEqualToThreshold": operator.le,
}
_SAID = {
    "GreaterThanThreshold": "greater than",
    "GreaterThanOrEqualToThreshold": "greater than or equal to",
    "LessThanThreshold": "less than",
    "LessThanOrEqualToThreshold": "less than or equal to",
}


@dataclass(frozen=True, slots=True)
class Condition:
    """What an alarm watches and when that is bad."""

    series: Series
    statistic: str
    comparison: str
    threshold: float
    period: int
    evaluation_periods: int
    datapoints_to_alarm: int
    missing: str

    @property
    def range(self) -> int:
        """How many of the latest windows are looked at."""
        return self.evaluation_periods + _EXTRA_WINDOWS

    def breaches(self, value: float) -> bool:
        return bool(_BREACHES[self.comparison](value, self.threshold))


@dataclass(frozen=True, slots=True)
class HistoryItem:
    """One line of an alarm's history."""

    at: datetime
    kind: str
    summary: str
    data: str


@dataclass(slots=True)
class Alarm:
    """An alarm and its state. It begins with INSUFFICIENT_DATA."""

    name: str
    arn: str
    condition: Condition
    settings: dict[str, Any]
    """What is kept for who describes it: description, actions."""
    state: str = INSUFFICIENT
    reason: str = "Unchecked: Initial alarm creation"
    reason_data: str = "{}"
    state_since: datetime = field(default_factory=lambda: datetime.now(UTC))
    configured: datetime = field(default_factory=lambda: datetime.now(UTC))
    history: list[HistoryItem] = field(default_factory=list)

    def note(self, kind: str, summary: str, data: dict[str, Any]) -> None:
        self.history.append(HistoryItem(datetime.now(UTC), kind, summary, json.dumps(data)))

    def become(self, state: str, reason: str, reason_data: str = "{}") -> bool:
        """Enter a state; True when it is another one."""
        if state == self.state:
            return False
        old, self.state, self.reason, self.reason_data = self.state, state, reason, reason_data
        self.state_since = datetime.now(UTC)
        data = {
            "version": "1.0",
            "oldState": {"stateValue": old},
            "newState": {"stateValue": state, "stateReason": reason},
        }
        self.note("StateUpdate", f"Alarm updated from {old} to {state}", data)
        return True


def judged(condition: Condition, windows: Sequence[Sample | None], state: str) -> tuple[str, str]:
    """The state that the latest windows (oldest first) lead to, and why. `state` is the one it is in."""
    real = [sample.statistic(condition.statistic) for sample in windows if sample is not None]
    wanted = condition.evaluation_periods
    latest = real[-wanted:]
    bad = sum(condition.breaches(value) for value in latest)
    missing = wanted - len(latest)
    if missing == 0 or condition.missing == "notBreaching":
        return _told(condition, latest, ALARM if bad >= condition.datapoints_to_alarm else OK)
    if condition.missing == "breaching":
        crossed = bad + missing >= condition.datapoints_to_alarm
        return _told(condition, latest, ALARM if crossed else OK, treated=missing)
    if not latest:
        return (state, "") if condition.missing == "ignore" else (INSUFFICIENT, "Insufficient Data: no datapoints.")
    if bad < len(latest):
        return _told(condition, latest, ALARM if bad >= condition.datapoints_to_alarm else OK)
    return (state, "") if condition.missing == "ignore" else _told(condition, latest, ALARM)


def _told(condition: Condition, values: Sequence[float], state: str, *, treated: int = 0) -> tuple[str, str]:
    if treated:
        what = f"{treated} missing datapoint{'s were' if treated > 1 else ' was'} treated as [Breaching]"
        seen = f"datapoints {list(values)}" if values else "no datapoints were received"
        return state, f"Threshold Crossed: {seen} and {what}." if state == ALARM else f"{seen}; {what}."
    than, good = _SAID[condition.comparison], "" if state == ALARM else "not "
    number = f"{len(values)} out of the last {condition.evaluation_periods} datapoints"
    return state, f"Threshold Crossed: {number} {list(values)} were {good}{than} the threshold ({condition.threshold})."
