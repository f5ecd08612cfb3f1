"""A drill does not stand still for garbage, and a process that is left running still looks for it."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from harness import garbage


@pytest.fixture(autouse=True)
def as_it_was() -> Iterator[None]:
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)


def test_what_a_drill_makes_is_not_looked_through() -> None:
    garbage.seldom()
    gc.collect()  # whatever was made before does not count
    before = [one["collections"] for one in gc.get_stats()]
    made = [[] for _ in range(40_000)]  # type: ignore[var-annotated]
    assert [one["collections"] for one in gc.get_stats()] == before
    assert len(made) == 40_000


def test_garbage_is_found_in_the_end() -> None:
    garbage.seldom()
    before = gc.get_stats()[0]["collected"]
    for _ in range(120_000):
        ring: list[object] = []
        ring.append(ring)
    assert gc.get_stats()[0]["collected"] - before > 40_000
