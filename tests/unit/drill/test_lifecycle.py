"""A drill that ends says how far it came."""

from __future__ import annotations

import pytest

from harness.drill.lifecycle import Lifecycle, State


@pytest.mark.parametrize(
    ("strikes", "state", "said"),
    [
        (True, State.NEW, "before steady state was reached"),
        (True, State.STEADY, "before the disaster was felt"),
        (True, State.STRUCK, "before the recovery was over"),
        (True, State.RECOVERED, ""),
        (False, State.STEADY, "before the recovery was over"),
        (False, State.JUDGED, ""),
    ],
)
def test_where_it_broke_off_is_told(strikes: bool, state: State, said: str) -> None:
    """Who strikes nothing recovers from steady state on; whoever has recovered has broken off nothing."""
    progress = Lifecycle(strikes=strikes)
    progress.reached(state)
    assert progress.broke_off() == said
