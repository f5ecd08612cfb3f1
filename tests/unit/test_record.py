"""What a record says by itself."""

from __future__ import annotations

from harness.clock import Instant
from harness.facts import FaultStruck, Problem
from harness.record import Outage, Record, Stamped, worst_outage


def test_the_worst_outage_is_the_one_back_last_or_never() -> None:
    early = Outage("early", 1, 1, True, 0, 1, 5, 6)
    late = Outage("late", 1, 1, True, 0, 1, 7, 8)
    never = Outage("never", 1, 1, True, 0, 1)
    asides = (Outage("unfelt", 1, 0, True), Outage("undecided", 1, 1, False, 0, 1))

    assert worst_outage((late, early, *asides)) is late
    assert worst_outage((late, never, *asides)) is never
    assert worst_outage(asides) is None


def test_seconds_count_from_the_strike_or_from_the_start_where_nothing_was_struck() -> None:
    started, struck = Stamped(Instant(5_000_000_000), Problem("a", "b")), FaultStruck("LoseInstance", "cache")
    drill = Record((started, Stamped(Instant(7_000_000_000), struck)))

    assert (drill.origin(), drill.seconds(8_500_000_000)) == (7_000_000_000, 1.5)
    assert Record((started,)).seconds(8_500_000_000) == 3.5
