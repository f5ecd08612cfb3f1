"""What a service reports of its resources (DescribeEvents), newest last: RDS and ElastiCache ask and answer alike."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Generic, Protocol, TypeVar

from harness.cloud.service import Answer, Call
from harness.facts import MachineEvent

_KEPT = 1000


class Placed(Protocol):
    @property
    def identifier(self) -> str: ...
    @property
    def region(self) -> str: ...


R = TypeVar("R", bound=Placed)


@dataclass(frozen=True, slots=True)
class Event:
    """One line of a resource's history."""

    identifier: str
    arn: str
    region: str
    category: str
    message: str
    at: datetime


class Events(Generic[R]):
    """The history of all resources of one `kind`; each event is also recorded in the drill's log."""

    def __init__(self, kind: str, record: Callable[[object], None], arn_of: Callable[[R], str] = lambda _: "") -> None:
        self._kind = kind
        self._record = record
        self._arn_of = arn_of
        self._lock = threading.Lock()
        self._kept: deque[Event] = deque(maxlen=_KEPT)

    def note(self, one: R, category: str, message: str) -> None:
        event = Event(one.identifier, self._arn_of(one), one.region, category, message, datetime.now(UTC))
        with self._lock:
            self._kept.append(event)
        self._record(MachineEvent(one.identifier, category, message))

    def described(self, call: Call) -> Answer:
        """The events that DescribeEvents asks for; of the last hour when no time is given."""
        params, now = call.params, datetime.now(UTC)
        start = params.get("StartTime") or now - timedelta(minutes=params.get("Duration", 60))
        end = params.get("EndTime") or now
        wanted = set(params.get("EventCategories", ()))
        with self._lock:
            kept = list(self._kept)
        return {
            "Events": [
                self._shown(event)
                for event in kept
                if event.region == call.region
                and start <= event.at <= end
                and params.get("SourceType", self._kind) == self._kind
                and params.get("SourceIdentifier", event.identifier) == event.identifier
                and (not wanted or event.category in wanted)
            ]
        }

    def _shown(self, event: Event) -> Answer:
        """ElastiCache's model knows neither categories nor ARNs: they are not written there."""
        return {
            "SourceIdentifier": event.identifier,
            "SourceType": self._kind,
            "Message": event.message,
            "EventCategories": [event.category],
            "Date": event.at,
            "SourceArn": event.arn,
        }
