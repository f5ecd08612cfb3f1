"""The second half of every database recovery: the one that serves now is protected, and everybody is led to it.

Which one that is, an earlier step has settled in `Recovery.serving`.
"""

from __future__ import annotations

from harness.errors import ProcedureFailed
from harness.estate import Database, Role
from harness.facts import Part
from harness.recovery import alarms, databases, switching
from harness.recovery.procedure import Recovery, Step


def take_over(section: str, *, application: Role, lost: Role) -> tuple[Step, ...]:
    """Protect, repoint, deploy, switch the name, watch, and see the standby arrive; `section` is the runbook's.

    The one that serves is to be no weaker than the `lost` one was.
    """
    address: list[tuple[str, int]] = []
    """Looked up before the instance is modified: who looks at it afterwards would seem to wait for the modification."""

    def protect(recovery: Recovery) -> None:
        address[:] = [databases.endpoint(recovery, _serving(recovery))]
        databases.protect(recovery, _serving(recovery), lost)

    def repoint(recovery: Recovery) -> None:
        host, port = address[0] if address else databases.endpoint(recovery, _serving(recovery))
        switching.repoint_settings(recovery, recovery.estate.service(application), host, port)

    def watch(recovery: Recovery) -> None:
        alarms.watch(recovery, _serving(recovery), lost)

    def deploy(recovery: Recovery) -> None:
        switching.deploy(recovery, recovery.estate.service(application))

    def wait_protected(recovery: Recovery) -> None:
        databases.wait_protected(recovery, _serving(recovery), lost)

    return (
        Step("set backups and standby", Part.EXECUTE, section, protect),
        Step("repoint the application", Part.REDIRECT, section, repoint),
        Step("deploy the application", Part.REDIRECT, section, deploy),
        Step("switch the database's name", Part.REDIRECT, section, _switch_name),
        Step("set the alarms", Part.REDIRECT, section, watch),
        Step("wait for the standby", Part.VERIFY, section, wait_protected),
    )


def _switch_name(recovery: Recovery) -> None:
    host, _ = databases.endpoint(recovery, _serving(recovery))
    switching.point_name_at(recovery, host)


def _serving(recovery: Recovery) -> Database:
    if recovery.serving is None:
        raise ProcedureFailed("no step has settled on a database that is to serve")
    return recovery.serving
