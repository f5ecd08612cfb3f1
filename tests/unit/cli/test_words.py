"""Figures read as people write them, and as the reports do."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import cast

import pytest

from harness.cli.results import Result
from harness.cli.words import duration, rpo, rto
from harness.facts import UNBOUNDED
from harness.verdict import RpoReport


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(None, "–"), (0, "0 s"), (0.0214, "21 ms"), (2.314, "2.31 s"), (14400, "4 h"), (172800, "2 d")],
)
def test_a_duration_has_the_unit_that_fits(seconds: float | None, words: str) -> None:
    assert duration(seconds) == words


def test_a_timedelta_is_a_duration() -> None:
    assert duration(timedelta(hours=1)) == "1 h"


def test_writes_that_were_never_looked_for_are_not_zero() -> None:
    """A dash, where "0 of 0 lost" would read like good news."""
    result = cast(Result, SimpleNamespace(rpo=RpoReport(None, 0, 0, 0, None, 3600, 1)))
    assert rpo(result) == "– of 1 s, – lost\nexposure – of 1 h"


def test_an_exposure_that_nobody_knows_is_not_a_number_of_days() -> None:
    result = cast(Result, SimpleNamespace(rpo=RpoReport(0.0, 0, 7, 0, UNBOUNDED.total_seconds(), 3600, 1)))
    assert rpo(result).endswith("exposure unbounded of 1 h")


def test_where_nobody_may_lose_service_no_recovery_time_is_judged() -> None:
    assert rto(cast(Result, SimpleNamespace(rto=None))) == "not judged"
