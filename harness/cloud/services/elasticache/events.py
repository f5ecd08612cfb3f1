"""What ElastiCache reports about its groups (DescribeEvents), newest last."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from harness.cloud.service import Answer, Call
from harness.cloud.services.elasticache.state import CacheGroup
from harness.facts import MachineEvent

_KIND = "replication-group"


@dataclass(frozen=True, slots=True)
class CacheEvent:
    """One line of a group's history."""

    identifier: str
    region: str
    message: str
    at: datetime


class Events:
    """The history of all groups; each event is also recorded in the drill's log."""

    def __init__(self, record: Callable[[object], None]) -> None:
        self._record = record
        self._lock = threading.Lock()
        self._kept: deque[CacheEvent] = deque(maxlen=1000)

    def note(self, group: CacheGroup, what: str, message: str) -> None:
        with self._lock:
            self._kept.append(CacheEvent(group.identifier, group.region, message, datetime.now(UTC)))
        self._record(MachineEvent(group.identifier, what, message))

    def described(self, call: Call) -> Answer:
        """The events that DescribeEvents asks for; of the last hour when no time is given."""
        params, now = call.params, datetime.now(UTC)
        start = params.get("StartTime") or now - timedelta(minutes=params.get("Duration", 60))
        end = params.get("EndTime") or now
        with self._lock:
            kept = list(self._kept)
        return {
            "Events": [
                {"SourceIdentifier": e.identifier, "SourceType": _KIND, "Message": e.message, "Date": e.at}
                for e in kept
                if e.region == call.region
                and start <= e.at <= end
                and params.get("SourceType", _KIND) == _KIND
                and params.get("SourceIdentifier", e.identifier) == e.identifier
            ]
        }
