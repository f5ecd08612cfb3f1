"""The cloud's own host names (database endpoints, balancers) and the zone's answers, published to the one resolver."""

from __future__ import annotations

import threading
from collections.abc import Callable

from harness.machines.resolver import AnswerSet, Table

__all__ = ["AnswerSet", "Names", "Table"]

_AWS_ZONE = {
    ("amazonaws.com", "SOA"): AnswerSet(900, ("ns-1.amazonaws.com. hostmaster.amazonaws.com. 1 7200 900 1209600 60",))
}
"""A resolver answers for names in its zones only."""


class Names:
    """Two layers: AWS's own names, and the hosted zone's answers. Any change is published as one whole table."""

    def __init__(self, publish: Callable[[Table], None]) -> None:
        self._publish = publish
        self._lock = threading.RLock()
        self._own: dict[tuple[str, str], AnswerSet] = dict(_AWS_ZONE)
        self._zone: dict[tuple[str, str], AnswerSet] = {}

    def put(self, name: str, *addresses: str, ttl: int) -> None:
        """Answer one of AWS's own names, such as a database endpoint, with an address, or with several at once."""
        with self._lock:
            self._own[(_key(name), "A")] = AnswerSet(ttl, addresses)
            self._publish(self._own | self._zone)

    def drop(self, name: str) -> None:
        with self._lock:
            self._own.pop((_key(name), "A"), None)
            self._publish(self._own | self._zone)

    def address(self, name: str) -> str | None:
        """The address of one of AWS's own names."""
        with self._lock:
            found = self._own.get((_key(name), "A"))
            return found.values[0] if found else None

    def put_zone(self, answers: Table) -> None:
        """Replace the hosted zone's answers."""
        with self._lock:
            self._zone = {(_key(name), kind): answer for (name, kind), answer in answers.items()}
            self._publish(self._own | self._zone)


def _key(name: str) -> str:
    return name.rstrip(".").lower()
