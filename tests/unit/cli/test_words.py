"""Figures read as people write them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from harness.cli.words import duration


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(None, "–"), (0, "0 s"), (0.0214, "0.0214 s"), (2.314, "2.31 s"), (90, "1.5 min"), (14400, "4 h"), (86400, "1 d")],
)
def test_a_duration_has_the_unit_that_fits(seconds: float | None, words: str) -> None:
    assert duration(seconds) == words


def test_a_timedelta_is_a_duration() -> None:
    assert duration(timedelta(hours=1)) == "1 h"
