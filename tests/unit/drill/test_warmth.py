"""What the database is asked, told from a counter that goes by jumps."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from harness.clock import Instant
from harness.drill.warmth import pace_of

SECOND = 1_000_000_000
EVERY = 170_000_000


def counted(of: float, *, seconds: float, jumps: float) -> Iterator[tuple[Instant, int]]:
    """A counter that is looked at often, of a server that did so much a second and tells it at most once a second."""
    for at in range(0, round(seconds * SECOND), EVERY):
        yield Instant(at), round(of * 1.02 * int((at / SECOND + jumps) / 1.02))


@pytest.mark.parametrize("jumps", [0.0, 0.1, 0.3, 0.5, 0.7, 0.9])
def test_a_pace_is_told_whenever_the_servers_tell_theirs(jumps: float) -> None:
    """A difference over the same time would be up to a half off."""
    assert pace_of(list(counted(200, seconds=2.2, jumps=jumps))) == pytest.approx(200, rel=0.15)


def test_a_pace_is_that_of_the_latest_window() -> None:
    before = list(counted(200, seconds=4, jumps=0.4))
    last, total = before[-1]
    quiet = [(Instant(last + at), total) for at in range(EVERY, 3 * SECOND, EVERY)]
    assert pace_of([*before, *quiet]) == 0


@pytest.mark.parametrize(
    "looks",
    [
        [],
        [(Instant(0), 5)],
        list(counted(200, seconds=1.9, jumps=0)),
        [(Instant(0), 0), (Instant(3 * SECOND), 600), (Instant(4 * SECOND), 800)],
    ],
    ids=["none", "one", "too short", "too few of late"],
)
def test_what_was_not_counted_well_has_no_pace(looks: list[tuple[Instant, int]]) -> None:
    """Nothing counted is not nothing done."""
    assert pace_of(looks) is None
