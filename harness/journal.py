"""The journal: each change is on disk before it leaves, so that a crash leaves known what may have been done."""

from __future__ import annotations

from harness.aws import Outgoing
from harness.events import EventLog
from harness.facts import CallIntended
from harness.guard import is_change

SECRET_PARTS = ("password", "secret", "token")


class Journal:
    """A hook for `Aws` that writes every change ahead."""

    def __init__(self, log: EventLog) -> None:
        self._log = log

    def write_ahead(self, call: Outgoing) -> None:
        if is_change(call.operation):
            shown = {k: v for k, v in call.params.items() if not any(part in k.lower() for part in SECRET_PARTS)}
            self._log.write(CallIntended(call.service, call.operation, call.region, repr(shown)))
