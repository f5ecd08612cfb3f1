"""Redis cache recovery, option B: another group is made from the last usable snapshot, and filled before it is left."""

from __future__ import annotations

from dataclasses import dataclass

from harness.estate import Role
from harness.facts import Part
from harness.recovery import alarms, cache_snapshots, caches, switching
from harness.recovery.procedure import Recovery, Step

_SECTION = "Redis Cache Recovery / Scenario 1: Redis Cluster Failure / Option B"


@dataclass(frozen=True, slots=True)
class RestoreCacheFromSnapshot:
    """Restore with everything named that a default would get wrong, such as groups, nodes, failover and snapshots."""

    lost: Role = Role.CACHE
    restored: Role = Role.RESTORED_CACHE
    application: Role = Role.APPLICATION

    def steps(self) -> tuple[Step, ...]:
        return (
            Step("assess the impact", Part.EXECUTE, _SECTION, self.assess),
            Step("restore the last snapshot", Part.EXECUTE, _SECTION, self.restore),
            Step("repoint the application", Part.REDIRECT, _SECTION, self.repoint),
            Step("deploy the application", Part.REDIRECT, _SECTION, self.deploy),
            Step("set the alarms", Part.REDIRECT, _SECTION, self.watch),
            Step("warm the cache up", Part.REDIRECT, _SECTION, self.warm_up),
            Step("follow the hit rate", Part.REDIRECT, _SECTION, self.follow),
        )

    def assess(self, recovery: Recovery) -> None:
        caches.assess(recovery, recovery.estate.cache(self.lost))

    def restore(self, recovery: Recovery) -> None:
        lost = recovery.estate.cache(self.lost)
        cache_snapshots.restore(recovery, recovery.estate.cache(self.restored), cache_snapshots.last(recovery, lost))

    def watch(self, recovery: Recovery) -> None:
        alarms.watch_cache(recovery, recovery.estate.cache(self.restored), self.lost)

    def repoint(self, recovery: Recovery) -> None:
        caches.repoint(recovery, recovery.estate.service(self.application), recovery.estate.cache(self.restored))

    def deploy(self, recovery: Recovery) -> None:
        switching.deploy(recovery, recovery.estate.service(self.application))

    def warm_up(self, recovery: Recovery) -> None:
        caches.warm_up(recovery, recovery.estate.service(self.application))

    def follow(self, recovery: Recovery) -> None:
        caches.follow_hit_rate(recovery, recovery.estate.cache(self.restored))
