"""Full infrastructure failover: everything moves to the other region, stores of data first, names last.

The lost region is asked nothing: whether it is lost is told by Route 53's observers, which look from outside.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from harness.errors import ProcedureFailed
from harness.estate import Role
from harness.facts import Part
from harness.probes.signals import failing_health_check, health_checks
from harness.recovery import alarms, assessment, caches, databases, region, services, switching
from harness.recovery.fail_over_cache import FailOverCache
from harness.recovery.procedure import Recovery, Step

_SECTION = "Full Infrastructure Failover / Scenario: Complete Region Outage / "
CHECKLIST = _SECTION + "Pre-Failover Checklist"
_PROCEDURES, _AFTER = _SECTION + "Failover Procedures", _SECTION + "Post-Failover Activities"


@dataclass(frozen=True, slots=True)
class FailOverRegion:
    """Make the other region's stores the first ones, serve there as widely as before, and lead everybody there."""

    database: Role = Role.DR_DATABASE
    lost_database: Role = Role.PRIMARY_DATABASE
    cache: FailOverCache = field(default_factory=lambda: FailOverCache(application=Role.DR_APPLICATION))
    application: Role = Role.DR_APPLICATION
    lost_application: Role = Role.APPLICATION

    def steps(self) -> tuple[Step, ...]:
        return (
            Step("confirm the loss", Part.EXECUTE, CHECKLIST, self.confirm),
            *self.moves(),
            Step("switch the names", Part.REDIRECT, _PROCEDURES, self.switch),
            *self.protects(),
        )

    def moves(self) -> tuple[Step, ...]:
        """Stores, and then what serves: all that leads clients nowhere by itself."""
        return (
            Step("verify the DR region", Part.EXECUTE, CHECKLIST, self.verify),
            Step("promote the DR database", Part.EXECUTE, _PROCEDURES, self.promote),
            Step("make the DR cache writable", Part.EXECUTE, _PROCEDURES, self.cache.fail_over),
            Step("set backups and standby", Part.EXECUTE, _PROCEDURES, self.protect),
            Step("repoint the application", Part.REDIRECT, _PROCEDURES, self.repoint),
            Step("scale the application", Part.REDIRECT, _PROCEDURES, self.scale),
        )

    def protects(self) -> tuple[Step, ...]:
        """What service need not wait for."""
        return (
            Step("set the alarms", Part.REDIRECT, _PROCEDURES, self.watch),
            Step("wait for the standby", Part.VERIFY, _AFTER, self.wait_protected),
        )

    def confirm(self, recovery: Recovery) -> None:
        checks = health_checks(recovery.aws, recovery.estate)
        if not failing_health_check(recovery.aws, checks):
            raise ProcedureFailed(
                "Route 53's observers still reach the region that should be lost",
                hint="Find out what is wrong there; a failover would leave two regions that serve.",
            )

    def verify(self, recovery: Recovery) -> None:
        assessment.check_promotable(recovery, recovery.estate.database(self.database))
        self.cache.check_standby(recovery)
        services.look(recovery, recovery.estate.service(self.application))

    def promote(self, recovery: Recovery) -> None:
        recovery.serving = recovery.estate.database(self.database)
        databases.promote(recovery, recovery.serving, self.lost_database)

    def protect(self, recovery: Recovery) -> None:
        databases.protect(recovery, recovery.estate.database(self.database), self.lost_database)
        self.cache.protect(recovery)

    def repoint(self, recovery: Recovery) -> None:
        service = recovery.estate.service(self.application)
        host, port = databases.endpoint(recovery, recovery.estate.database(self.database))
        switching.repoint_settings(recovery, service, host, port)
        caches.repoint(recovery, service, recovery.estate.cache(self.cache.standby))

    def scale(self, recovery: Recovery) -> None:
        wanted = recovery.estate.service(self.lost_application).desired_count
        services.scale(recovery, recovery.estate.service(self.application), wanted)

    def switch(self, recovery: Recovery) -> None:
        host, _ = databases.endpoint(recovery, recovery.estate.database(self.database))
        region.switch_names(recovery, host)

    def watch(self, recovery: Recovery) -> None:
        alarms.watch(recovery, recovery.estate.database(self.database), self.lost_database)
        self.cache.watch(recovery)

    def wait_protected(self, recovery: Recovery) -> None:
        databases.wait_protected(recovery, recovery.estate.database(self.database), self.lost_database)
