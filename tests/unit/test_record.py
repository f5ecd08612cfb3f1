"""What a record says by itself."""

from __future__ import annotations

from harness.record import Outage, worst_outage


def test_the_worst_outage_is_the_one_back_last_or_never() -> None:
    early = Outage("early", 1, 1, True, 0, 1, 5, 6)
    late = Outage("late", 1, 1, True, 0, 1, 7, 8)
    never = Outage("never", 1, 1, True, 0, 1)
    asides = (Outage("unfelt", 1, 0, True), Outage("undecided", 1, 1, False, 0, 1))

    assert worst_outage((late, early, *asides)) is late
    assert worst_outage((late, never, *asides)) is never
    assert worst_outage(asides) is None
