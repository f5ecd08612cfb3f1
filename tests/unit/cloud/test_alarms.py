"""Alarms treat missing data as the CloudWatch User Guide's table says (3 out of 3, x breaches, - is missing)."""

from __future__ import annotations

import pytest

from harness.cloud.services.cloudwatch.alarms import ALARM, INSUFFICIENT, OK, Alarm, Condition, judged
from harness.cloud.services.cloudwatch.store import Sample, Series

SERIES = Series("us-east-1", "n", "m", frozenset())
KEPT = "as it was"


def condition(missing: str, *, periods: int = 3, to_alarm: int = 3) -> Condition:
    return Condition(SERIES, "Average", "GreaterThanThreshold", 10, 60, periods, to_alarm, missing)


def windows(picture: str) -> list[Sample | None]:
    return [None if sign == "-" else Sample.of(20 if sign == "x" else 5) for sign in picture]


@pytest.mark.parametrize(
    ("picture", "missing", "ignore", "breaching", "not_breaching"),
    [
        ("0-x-x", OK, OK, OK, OK),
        ("----0", OK, OK, OK, OK),
        ("-----", INSUFFICIENT, KEPT, ALARM, OK),
        ("0xx-x", ALARM, ALARM, ALARM, ALARM),
        ("--x--", ALARM, KEPT, ALARM, OK),
    ],
)
def test_missing_data(picture: str, missing: str, ignore: str, breaching: str, not_breaching: str) -> None:
    wanted = {"missing": missing, "ignore": ignore, "breaching": breaching, "notBreaching": not_breaching}

    assert {how: judged(condition(how), windows(picture), KEPT)[0] for how in wanted} == wanted


def test_m_out_of_n() -> None:
    """Two of the last three are enough when two are asked for."""
    two_of_three = condition("missing", to_alarm=2)

    assert judged(two_of_three, windows("0x0x"), OK)[0] == ALARM
    assert judged(two_of_three, windows("xx0x0"), OK)[0] == OK


def test_two_silent_periods_raise_an_alarm_of_one_period() -> None:
    """One lost datapoint is no alarm: CloudWatch looks further back than it evaluates."""
    alone = condition("breaching", periods=1, to_alarm=1)

    assert judged(alone, windows("0-"), OK)[0] == OK
    assert judged(alone, windows("--"), OK)[0] == ALARM


def test_only_a_change_of_state_is_history() -> None:
    alarm = Alarm("a", "arn", condition("missing"), {})

    assert alarm.become(ALARM, "because")
    assert not alarm.become(ALARM, "again")
    assert [item.summary for item in alarm.history] == ["Alarm updated from INSUFFICIENT_DATA to ALARM"]
    assert alarm.reason == "because"
