"""Database disaster recovery, scenario 1, with its rollback: a switch that fails is put back and done another way."""

from __future__ import annotations

from dataclasses import dataclass

from harness.errors import ProcedureFailed
from harness.estate import Role
from harness.facts import Part, SwitchFailed
from harness.recovery import assessment, databases, switching
from harness.recovery.procedure import Recovery, Step
from harness.recovery.takeover import take_over

_SECTION = "Database Disaster Recovery / Scenario 1 / "
SWITCH_TTL = 5
"""Seconds for which clients may keep the database's name while a switch is under way."""


@dataclass(frozen=True, slots=True)
class FailOverOrRollBack:
    """Prepare the switch, promote the nearest replica; if that fails, roll back and promote the other region's.

    Settings and the record's TTL are prepared before the promotion, which shortens the switch, and is what a failed one
    must take back: a task that restarts meanwhile would read settings of a database that will never serve.
    """

    first: Role = Role.READ_REPLICA
    alternative: Role = Role.DR_DATABASE
    lost: Role = Role.PRIMARY_DATABASE
    application: Role = Role.APPLICATION

    def steps(self) -> tuple[Step, ...]:
        option, rollback = _SECTION + "Option A", _SECTION + "Rollback Procedures"
        return (
            Step("assess the impact", Part.EXECUTE, _SECTION + "Impact Assessment", self.assess),
            Step("fence the lost primary", Part.EXECUTE, option, self.fence),
            Step("prepare the switch", Part.EXECUTE, option, self.prepare),
            Step("promote the replica", Part.EXECUTE, option, self.promote),
            Step("roll back what was prepared", Part.EXECUTE, rollback, self.roll_back),
            Step("promote the alternative", Part.EXECUTE, rollback, self.promote_alternative),
            *take_over(option, application=self.application, lost=self.lost),
        )

    def assess(self, recovery: Recovery) -> None:
        assessment.assess(recovery, recovery.estate.database(self.lost), recovery.estate.database(self.first))

    def fence(self, recovery: Recovery) -> None:
        databases.fence(recovery, recovery.estate.database(self.lost))

    def prepare(self, recovery: Recovery) -> None:
        host, port = databases.endpoint(recovery, recovery.estate.database(self.first))
        switching.repoint_settings(recovery, recovery.estate.service(self.application), host, port)
        switching.shorten_ttl(recovery, SWITCH_TTL)

    def promote(self, recovery: Recovery) -> None:
        database = recovery.estate.database(self.first)
        try:
            databases.promote(recovery, database, self.lost)
        except ProcedureFailed as failure:
            recovery.note(SwitchFailed(database.identifier, failure.message))
        else:
            recovery.serving = database

    def roll_back(self, recovery: Recovery) -> None:
        if recovery.serving:
            return
        while recovery.undo:
            recovery.undo.pop().restore()

    def promote_alternative(self, recovery: Recovery) -> None:
        if not recovery.serving:
            database = recovery.estate.database(self.alternative)
            assessment.check_promotable(recovery, database)
            databases.promote(recovery, database, self.lost)
            recovery.serving = database
