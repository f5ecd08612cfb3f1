"""Data restoration: the last snapshot of a cache becomes a group like the original, beside it."""

from __future__ import annotations

from dataclasses import dataclass

from harness.errors import ProcedureFailed
from harness.estate import Cache, Role
from harness.facts import Part
from harness.recovery import alarms, cache_snapshots, caches
from harness.recovery.procedure import Recovery, Step

_SECTION = "Data Restoration Procedures / Redis Restoration"
IDENTIFY, BEGIN, MONITOR, WATCH = "identify the snapshot", "begin the restore", "monitor the restore", "set the alarms"


@dataclass(frozen=True, slots=True)
class RestoreCache:
    """The application stays where it is, and nobody is led to what is made; those who test it are the drill's witness.

    The runbook's command makes a group of one node that nothing replaces and that takes no snapshots, with the default
    parameters: it names neither nodes nor failover nor parameters. Here nodes, failover, groups, snapshots are named.
    """

    original: Role = Role.CACHE
    restored: Role = Role.RESTORED_CACHE

    def steps(self) -> tuple[Step, ...]:
        work = _Restore(self)
        return (
            Step(IDENTIFY, Part.EXECUTE, _SECTION, work.identify),
            Step(BEGIN, Part.EXECUTE, _SECTION, work.begin),
            Step(MONITOR, Part.EXECUTE, _SECTION, work.monitor),
            Step(WATCH, Part.EXECUTE, _SECTION, work.watch),
        )


@dataclass(slots=True)
class _Restore:
    """One restore, and what its steps leave for later ones."""

    procedure: RestoreCache
    snapshot: str = ""

    def identify(self, recovery: Recovery) -> None:
        """Raises ProcedureFailed when the original has no usable snapshot."""
        self.snapshot = cache_snapshots.last(recovery, recovery.estate.cache(self.procedure.original))

    def begin(self, recovery: Recovery) -> None:
        if not self.snapshot:
            raise ProcedureFailed("no step has identified a snapshot")
        was = caches.look(recovery, recovery.estate.cache(self.procedure.original))
        cache_snapshots.begin(recovery, self._target(recovery), self.snapshot, SnapshotWindow=was["SnapshotWindow"])

    def monitor(self, recovery: Recovery) -> None:
        """Raises ProcedureFailed when the group does not become available."""
        cache_snapshots.wait(recovery, self._target(recovery))

    def watch(self, recovery: Recovery) -> None:
        alarms.watch_cache(recovery, self._target(recovery), self.procedure.original)

    def _target(self, recovery: Recovery) -> Cache:
        return recovery.estate.cache(self.procedure.restored)
