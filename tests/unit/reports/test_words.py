"""Figures read the same everywhere."""

from __future__ import annotations

from datetime import timedelta

import pytest

from harness.facts import Basis, ExposureSeen
from reports.words import between, count, duration, joined, seen_as, shortened, size


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (None, "not measured"),
        (0, "0 s"),
        (0.0381, "38 ms"),
        (0.9996, "1 s"),
        (3.4466, "3.45 s"),
        (12, "12 s"),
        (59.996, "1 min"),
        (60, "1 min"),
        (74.4, "74 s"),
        (119.6, "2 min"),
        (900, "15 min"),
        (930, "15 min 30 s"),
        (3600, "1 h"),
        (20970, "5 h 50 min"),
        (14400, "4 h"),
        (200_000, "2 d 8 h"),
        (-0.2, "−200 ms"),
    ],
)
def test_durations_have_the_precision_that_they_deserve(seconds: float | None, words: str) -> None:
    assert duration(seconds) == words


def test_ranges_counts_and_sizes() -> None:
    assert between(3.401, 3.402) == "3.4 s"
    assert between(60, 300) == "1 min – 5 min"
    assert between(None, 3) == "not measured"
    assert count(1, "write") == "1 write"
    assert count(12345, "write") == "12,345 writes"
    assert (size(999), size(1500), size(2_500_000)) == ("999 B", "1.5 kB", "2.5 MB")


@pytest.mark.parametrize(
    ("basis", "words"),
    [
        (Basis.MEASURED, "Exposed by replication to a-replica, as measured in the rehearsal"),
        (Basis.SETTING, "Exposed by replication to a-replica, as set"),
        (Basis.PUBLISHED, "Exposed by replication to a-replica, as AWS publishes it"),
        (None, "Exposed by replication to a-replica"),
    ],
)
def test_an_exposure_says_where_its_figure_comes_from(basis: Basis | None, words: str) -> None:
    """Never by its name: S3's published figure for a replication was measured by nobody."""
    assert seen_as(ExposureSeen("replication to a-replica", timedelta(0), basis=basis)) == words
    assert seen_as(None) == "Exposed"


def test_what_is_said_twice_is_joined_once() -> None:
    assert joined(["a", "b", "a"]) == "a; b"


def test_long_text_becomes_one_short_line() -> None:
    assert shortened("a\n b", 9) == "a b"
    assert shortened("x" * 50, 10) == "x" * 9 + "…"
