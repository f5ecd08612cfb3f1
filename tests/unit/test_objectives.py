from datetime import timedelta

import pytest

from harness.errors import UsageError
from harness.objectives import Outcome, overall, parse_duration, parse_objectives


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("4 hours", 14400), ("1 hour", 3600), ("90 seconds", 90), ("0.5 minutes", 30), (" 2 days ", 172800)],
)
def test_a_duration_is_a_number_and_a_unit(text: str, seconds: float) -> None:
    assert parse_duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "4", "hours", "4 fortnights", "-1 hour", "4hours", "1e3 seconds"])
def test_anything_else_is_refused_with_a_hint(text: str) -> None:
    with pytest.raises(UsageError, match="HINT"):
        parse_duration(text)


def test_nothing_judged_is_not_a_pass() -> None:
    assert overall([]) is Outcome.INCONCLUSIVE


def test_the_worst_outcome_wins() -> None:
    assert overall([Outcome.PASS, Outcome.FAIL, Outcome.INCONCLUSIVE]) is Outcome.FAIL
    assert overall([Outcome.PASS, Outcome.INCONCLUSIVE]) is Outcome.INCONCLUSIVE


@pytest.mark.parametrize(
    "rows",
    [
        {"RTO": "4 hours"},
        {"RTO": "4 hours", "RPO": "1 hour", "MTTR": "1 hour"},
        {"RTO": "4 hours", "RPO": "1 hour", "Availability": "lots"},
        {"RTO": "4 hours", "RPO": "1 hour", "Availability": "120 %"},
    ],
)
def test_a_table_of_objectives_names_both_and_nothing_unknown(rows: dict[str, str]) -> None:
    with pytest.raises(UsageError):
        parse_objectives(rows)


def test_the_availability_may_be_left_out() -> None:
    assert parse_objectives({"RTO": "4 hours", "RPO": "1 hour"}).availability == pytest.approx(0.999)
