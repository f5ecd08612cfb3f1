"""Of which moment restored data is meant to be, told from the calls that restored it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from harness.clock import Instant
from harness.facts import OPERATORS, BackupSeen, CallMade, ClocksRead, DrillStarted
from harness.record import Record

_RESTORES = {
    "RestoreDBInstanceToPointInTime": "RestoreTime",
    "RestoreDBInstanceFromDBSnapshot": "DBSnapshotIdentifier",
    "StartRestoreJob": "RecoveryPointArn",
}
"""What restores a database, and the parameter that says of which moment."""


@dataclass(frozen=True, slots=True)
class Restored:
    """A restore: when it was begun, and of which moment it is; None where nobody knows.

    It is `exact` where the moment was asked for; a backup may hold some of what was committed while it was taken.
    """

    begun: Instant
    point: Instant | None
    exact: bool


def restored(told: Record) -> Restored | None:
    """The last restore that an operator began to lead clients to it; None where nothing was restored.

    A drill with a witness restores beside what serves, and its clients lose nothing by it.
    """
    started = told.first(DrillStarted)
    if started is not None and started.checks:
        return None
    calls = [c for c in told.all(CallMade) if c.operation in _RESTORES and c.actor in OPERATORS and not c.error]
    if not calls:
        return None
    last = max(calls, key=lambda call: call.started)
    named = last.params.get(_RESTORES[last.operation])
    exact = last.operation == "RestoreDBInstanceToPointInTime"
    point = moment(named) if exact else _taken(told, str(named))
    return Restored(Instant(last.started), _on_the_ledgers_clock(told, point), exact)


def _taken(told: Record, named: str) -> datetime | None:
    return next((backup.taken for backup in told.all(BackupSeen) if backup.identifier == named), None)


def moment(given: object) -> datetime | None:
    """A parameter that is a time, as the log gives it back; None of what is none."""
    if isinstance(given, str):
        try:
            given = datetime.fromisoformat(given)
        except ValueError:
            return None
    if not isinstance(given, datetime):
        return None
    return given if given.tzinfo else given.replace(tzinfo=UTC)


def _on_the_ledgers_clock(told: Record, moment: datetime | None) -> Instant | None:
    read = told.last(ClocksRead)
    if read is None or moment is None:
        return None
    return Instant(read.monotonic + round((moment - read.wall).total_seconds() * 1e9))
