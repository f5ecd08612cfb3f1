"""The order in which a drill may go, so that no step can be forgotten or taken twice.

new ──prepare──> steady ──strike──> struck ──recover──> recovered ──judge──> judged
 │                 └──────────recover, where nothing is to be struck──────^
 └──────────────────┴───────── close (legal from anywhere, once or more) ──────┴──> closed
"""

from __future__ import annotations

import enum

from harness.errors import UsageError


class State(enum.StrEnum):
    NEW = "new"
    STEADY = "steady"
    STRUCK = "struck"
    RECOVERED = "recovered"
    JUDGED = "judged"
    CLOSED = "closed"


_LEGAL = {
    State.STEADY: {State.NEW},
    State.STRUCK: {State.STEADY},
    State.RECOVERED: {State.STRUCK},
    State.JUDGED: {State.RECOVERED, State.JUDGED},
    State.CLOSED: set(State),
}


_CAME_TO = {
    State.NEW: "before steady state was reached",
    State.STEADY: "before the disaster was felt",
    State.STRUCK: "before the recovery was over",
}
"""How far a drill came that ends there, in words."""


class Lifecycle:
    """Where a drill is; one that strikes nothing goes from steady to recovered.

    A failed step leaves it where it was, and only closing is of any use then.
    """

    def __init__(self, *, strikes: bool = True) -> None:
        self.state = State.NEW
        self._came_to = _CAME_TO if strikes else {**_CAME_TO, State.STEADY: _CAME_TO[State.STRUCK]}
        self._legal = _LEGAL | ({} if strikes else {State.STRUCK: set(), State.RECOVERED: {State.STEADY}})

    def check(self, to: State) -> None:
        """Raises UsageError when the drill cannot go there from here."""
        if self.state not in self._legal[to]:
            raise UsageError(
                f"a drill that is {self.state} cannot become {to}",
                hint="A scenario goes: steady state, disaster strikes, the recovery is performed, then the findings.",
            )

    def broke_off(self) -> str:
        """At what point a drill ends that ends now; empty after the recovery."""
        return self._came_to.get(self.state, "")

    def reached(self, state: State) -> None:
        self.state = state
