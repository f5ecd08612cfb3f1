"""What RDS reports about its instances (DescribeEvents), newest last."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from harness.cloud.service import Answer, Call
from harness.cloud.services.rds.state import DbInstance
from harness.facts import MachineEvent

_KEPT = 1000


@dataclass(frozen=True, slots=True)
class RdsEvent:
    """One line of an instance's history."""

    arn: str
    identifier: str
    region: str
    category: str
    message: str
    at: datetime


class Events:
    """The history of all instances; each event is also recorded in the drill's log."""

    def __init__(self, record: Callable[[object], None]) -> None:
        self._record = record
        self._lock = threading.Lock()
        self._kept: deque[RdsEvent] = deque(maxlen=_KEPT)

    def note(self, instance: DbInstance, category: str, message: str) -> None:
        event = RdsEvent(instance.arn, instance.identifier, instance.region, category, message, datetime.now(UTC))
        with self._lock:
            self._kept.append(event)
        self._record(MachineEvent(instance.identifier, category, message))

    def described(self, call: Call) -> Answer:
        """The events that DescribeEvents asks for; of the last hour when no time is given, as in RDS."""
        params = call.params
        now = datetime.now(UTC)
        start = params.get("StartTime") or now - timedelta(minutes=params.get("Duration", 60))
        end = params.get("EndTime") or now
        wanted = set(params.get("EventCategories", ()))
        with self._lock:
            kept = list(self._kept)
        return {
            "Events": [
                {
                    "SourceIdentifier": event.identifier,
                    "SourceType": "db-instance",
                    "Message": event.message,
                    "EventCategories": [event.category],
                    "Date": event.at,
                    "SourceArn": event.arn,
                }
                for event in kept
                if event.region == call.region
                and start <= event.at <= end
                and params.get("SourceType", "db-instance") == "db-instance"
                and params.get("SourceIdentifier", event.identifier) == event.identifier
                and (not wanted or event.category in wanted)
            ]
        }
