"""The journal: each change is on disk before it leaves, so that a crash leaves known what may have been done."""

from __future__ import annotations

from harness.aws import Outgoing
from harness.aws_rules.operations import mutates, redacted
from harness.events import EventLog
from harness.facts import CallIntended


class Journal:
    """A hook for `Aws` that writes every change ahead, without its secrets."""

    def __init__(self, log: EventLog) -> None:
        self._log = log

    def write_ahead(self, call: Outgoing) -> None:
        if mutates(call.operation):
            self._log.write(CallIntended(call.service, call.operation, call.region, redacted(call.params)))
