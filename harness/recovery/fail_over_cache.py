"""Redis cache recovery, option A: the other region's group of the Global Datastore takes the lost one's place."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from harness.aws_rules.durations import GLOBAL_FAILOVER, MODIFY_CACHE
from harness.errors import ProcedureFailed
from harness.estate import Role
from harness.facts import Part
from harness.recovery import alarms, caches, switching
from harness.recovery.procedure import Recovery, Step
from harness.wait import until

_SECTION = "Redis Cache Recovery / Scenario 1: Redis Cluster Failure / Option A"


@dataclass(frozen=True, slots=True)
class FailOverCache:
    """Make the standby writable, which a secondary is not before it is failed over to; lead the application there."""

    standby: Role = Role.DR_CACHE
    lost: Role = Role.CACHE
    application: Role = Role.APPLICATION

    def steps(self) -> tuple[Step, ...]:
        return (
            Step("assess the impact", Part.EXECUTE, _SECTION, self.assess),
            Step("make the standby writable", Part.EXECUTE, _SECTION, self.fail_over),
            Step("set snapshots", Part.EXECUTE, _SECTION, self.protect),
            Step("repoint the application", Part.REDIRECT, _SECTION, self.repoint),
            Step("deploy the application", Part.REDIRECT, _SECTION, self.deploy),
            Step("set the alarms", Part.REDIRECT, _SECTION, self.watch),
        )

    def assess(self, recovery: Recovery) -> None:
        caches.assess(recovery, recovery.estate.cache(self.lost))
        self.check_standby(recovery)

    def check_standby(self, recovery: Recovery) -> None:
        """Refuse a standby that is not available, or is too far behind. Raises ProcedureFailed."""
        standby = recovery.estate.cache(self.standby)
        status = caches.look(recovery, standby).get("Status")
        if status != "available":
            raise ProcedureFailed(f"{standby.identifier} is {status}, so it cannot take over")
        caches.check_lag(recovery, standby, self._datastore(recovery))

    def fail_over(self, recovery: Recovery) -> None:
        standby = recovery.estate.cache(self.standby)
        elasticache, store = recovery.aws.elasticache(standby.region), self._datastore(recovery)
        elasticache.failover_global_replication_group(
            GlobalReplicationGroupId=store,
            PrimaryRegion=standby.region,
            PrimaryReplicationGroupId=standby.identifier,
        )
        within = recovery.patience(GLOBAL_FAILOVER)

        def first() -> bool:
            [found] = elasticache.describe_global_replication_groups(
                GlobalReplicationGroupId=store, ShowMemberInfo=True
            )["GlobalReplicationGroups"]
            roles = {one.get("ReplicationGroupId"): one.get("Role") for one in found.get("Members", [])}
            return found.get("Status") == "available" and roles.get(standby.identifier) == "PRIMARY"

        until(f"{standby.identifier} primary of {store}", first, within=within, clock=recovery.clock)
        caches.wait_available(recovery, standby, within)

    def protect(self, recovery: Recovery) -> None:
        """A secondary takes no snapshots of its own; now it has to."""
        standby, lost = recovery.estate.cache(self.standby), recovery.estate.cache(self.lost)
        recovery.aws.elasticache(standby.region).modify_replication_group(
            ReplicationGroupId=standby.identifier,
            SnapshotRetentionLimit=lost.snapshot_retention_days,
            ApplyImmediately=True,
        )
        within: timedelta = recovery.patience(MODIFY_CACHE)
        caches.wait_available(recovery, standby, within)

    def repoint(self, recovery: Recovery) -> None:
        standby = recovery.estate.cache(self.standby)
        caches.repoint(recovery, recovery.estate.service(self.application), standby)

    def deploy(self, recovery: Recovery) -> None:
        switching.deploy(recovery, recovery.estate.service(self.application))

    def watch(self, recovery: Recovery) -> None:
        alarms.watch_cache(recovery, recovery.estate.cache(self.standby), self.lost)

    def _datastore(self, recovery: Recovery) -> str:
        standby = recovery.estate.cache(self.standby)
        described = caches.look(recovery, standby)
        store = described.get("GlobalReplicationGroupInfo", {}).get("GlobalReplicationGroupId")
        if not store:
            raise ProcedureFailed(f"{standby.identifier} is a member of no Global Datastore")
        return store
