"""Of which moment restored data is meant to be, told from the calls that restored it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from harness.aws_rules.settling import left_unsettled
from harness.clock import Instant
from harness.facts import OPERATORS, BackupSeen, CallMade, ClocksRead, DrillStarted, RecoveryEnded, ServedBy
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
    """The restore that made the one which serves after the recovery; None where another one serves.

    Several that could be meant leave the moment unknown. Where nobody serves, it is the last that an operator began. A
    drill with a witness restores beside what serves, and its clients lose nothing by it.
    """
    started = told.first(DrillStarted)
    if started is not None and started.checks:
        return None
    calls = [c for c in told.all(CallMade) if c.operation in _RESTORES and c.actor in OPERATORS and not c.error]
    calls.sort(key=lambda call: call.started)
    serving = _serving(told)
    meant = [call for call in calls if _made(call) in serving] if serving else calls[-1:]
    if not meant:
        return None
    first = meant[0]
    if len(meant) > 1:
        return Restored(Instant(first.started), None, exact=False)
    named = first.params.get(_RESTORES[first.operation])
    exact = first.operation == "RestoreDBInstanceToPointInTime"
    point = moment(named) if exact else _taken(told, str(named))
    return Restored(Instant(first.started), _on_the_ledgers_clock(told, point), exact)


def _serving(told: Record) -> set[tuple[str, str]]:
    """Region and name of each instance that answered after the recovery."""
    ended = told.when(RecoveryEnded)
    seen = [s.fact for s in told.stamped(ServedBy) if ended is not None and s.at >= ended]
    return {(one.region, one.identifier) for one in seen if isinstance(one, ServedBy) and one.region}


def _made(call: CallMade) -> tuple[str, str]:
    """Region and name of the instance that a restore makes; RDS writes names in small letters."""
    return call.region, left_unsettled(call.operation, call.params).lower()


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
