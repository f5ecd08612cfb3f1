"""The steps of a procedure with their calls, one after the other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

from harness.facts import CallMade, Part, StepEnded, StepStarted

SECOND = 1_000_000_000
STRIKE = 10 * SECOND
Asked = tuple[str, str, bool]
"""Service, operation, and whether that changes anything."""
Planned = tuple[str, Part, tuple[Asked, ...]]

SERVICE = {"cluster": "labelmintit-production-cluster", "service": "labelmintit-production-service"}
SETTINGS, RECORD = "/labelmintit/production", "db.labelmintit.com"
LED = (*SERVICE.values(), SETTINGS, RECORD)
LEADING: dict[str, dict[str, Any]] = {
    "PutParameter": {"Name": f"{SETTINGS}/database/endpoint"},
    "UpdateService": SERVICE,
    "ChangeResourceRecordSets": {"ChangeBatch": {"Changes": [{"ResourceRecordSet": {"Name": f"{RECORD}."}}]}},
}
"""What the calls say that lead clients elsewhere."""


def performed(
    steps: Sequence[Planned], runbook: str, resource: str, begin: float, end: float
) -> Iterator[tuple[float, object]]:
    """Each step takes as long as any other; each look finds the resource available."""
    took = (end - begin) / len(steps)
    for number, (name, part, calls) in enumerate(steps):
        at = begin + number * took
        yield at, StepStarted(name, part, runbook)
        for place, asked in enumerate(calls, start=1):
            sent = at + took * place / (len(calls) + 1)
            yield sent + 0.004, _call(asked, sent, resource)
        yield at + took * 0.98, StepEnded(name, True)


def _call(asked: Asked, sent: float, resource: str) -> CallMade:
    service, operation, mutates = asked
    instance = {"DBInstanceIdentifier": resource}
    said = {**LEADING, "StartRestoreJob": {"Metadata": instance}, "DeleteDBInstance": instance}
    return CallMade(
        actor="automation",
        service=service,
        operation=operation,
        region="us-east-1",
        mutates=mutates,
        request_id=f"{round(sent * 1e6):032x}",
        started=STRIKE + round(sent * SECOND),
        took=timedelta(milliseconds=4),
        status=200,
        resources=(resource,),
        params=said.get(operation, {}),
        states={} if mutates else {resource: "available"},
    )
