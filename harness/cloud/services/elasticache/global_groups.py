"""Global Datastores of ElastiCache: a primary group and read-only followers in other regions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from harness.aws_rules.durations import GLOBAL_FAILOVER, GLOBAL_MEMBERSHIP
from harness.cloud.service import Answer, AwsError, Call, operation
from harness.cloud.services.elasticache.checks import check_global_primary
from harness.cloud.services.elasticache.desk import Desk
from harness.cloud.services.elasticache.names import datastore_id
from harness.cloud.services.elasticache.shapes import shown_datastore
from harness.cloud.services.elasticache.state import CacheGroup, Datastore
from harness.errors import DrillError

_ALONE = "primary-only"


class GlobalCalls:
    """The operations on Global Datastores."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    @operation("CreateGlobalReplicationGroup")
    def create(self, call: Call) -> Answer:
        params, caches = call.params, self._desk.caches
        with caches.lock:
            primary = caches.group(call.region, params["PrimaryReplicationGroupId"])
            check_global_primary(primary)
            name = datastore_id(call.region, params["GlobalReplicationGroupIdSuffix"])
            if name in caches.datastores:
                message = f"Global Replication Group {name} already exists."
                raise AwsError("GlobalReplicationGroupAlreadyExistsFault", message)
            arn = f"arn:aws:elasticache::{self._desk.world.estate.account_id}:globalreplicationgroup:{name}"
            description = params.get("GlobalReplicationGroupDescription", " ")
            store = caches.datastores[name] = primary.datastore = Datastore(name, arn, description, [primary])

        def act() -> None:
            store.status = _ALONE

        self._desk.world.pace.later(GLOBAL_MEMBERSHIP.usual, f"creation of {name}", act)
        return {"GlobalReplicationGroup": shown_datastore(store)}

    @operation("DescribeGlobalReplicationGroups")
    def describe(self, call: Call) -> Answer:
        caches, asked = self._desk.caches, call.params.get("GlobalReplicationGroupId")
        with caches.lock:
            found = [caches.datastore(asked)] if asked else list(caches.datastores.values())
            with_members = call.params.get("ShowMemberInfo", False)
            return {"GlobalReplicationGroups": [shown_datastore(one, with_members=with_members) for one in found]}

    @operation("FailoverGlobalReplicationGroup")
    def fail_over(self, call: Call) -> Answer:
        params = call.params
        with self._desk.caches.lock:
            store = self._available(params["GlobalReplicationGroupId"])
            new = self._secondary(store, params["PrimaryRegion"], params["PrimaryReplicationGroupId"])
            store.status = "modifying"

        def act() -> None:
            new.machine.promote()
            with self._desk.caches.lock:
                store.members.remove(new)
                store.members.insert(0, new)
            for other in store.members[1:]:
                other.machine.follow(new.machine)

        self._later(store, new, GLOBAL_FAILOVER.usual, "global failover", act)
        return {"GlobalReplicationGroup": shown_datastore(store)}

    @operation("DisassociateGlobalReplicationGroup")
    def disassociate(self, call: Call) -> Answer:
        params = call.params
        with self._desk.caches.lock:
            store = self._available(params["GlobalReplicationGroupId"])
            group = self._secondary(store, params["ReplicationGroupRegion"], params["ReplicationGroupId"])
            store.leaving.add(group.arn)
            store.status = "modifying"

        def act() -> None:
            group.machine.promote()
            with self._desk.caches.lock:
                store.members.remove(group)
                group.datastore = None

        self._later(store, group, GLOBAL_MEMBERSHIP.usual, "detachment", act)
        return {"GlobalReplicationGroup": shown_datastore(store)}

    @operation("DeleteGlobalReplicationGroup")
    def delete(self, call: Call) -> Answer:
        caches = self._desk.caches
        with caches.lock:
            store = caches.datastore(call.params["GlobalReplicationGroupId"])
            if not call.params["RetainPrimaryReplicationGroup"]:
                what = "elasticache DeleteGlobalReplicationGroup with its primary group"
                raise AwsError("NotImplemented", f"the embedded cloud does not implement {what}", 501)
            if store.status != _ALONE:
                message = f"Global Replication Group {store.identifier} still has secondary members."
                raise AwsError("InvalidGlobalReplicationGroupState", message)
            store.status = "deleting"

        def act() -> None:
            with caches.lock:
                store.primary.datastore = None
                caches.datastores.pop(store.identifier, None)

        self._desk.world.pace.later(GLOBAL_MEMBERSHIP.usual, f"deletion of {store.identifier}", act)
        return {"GlobalReplicationGroup": shown_datastore(store)}

    def _available(self, name: str) -> Datastore:
        store = self._desk.caches.datastore(name)
        if store.status not in ("available", _ALONE):
            message = f"Global Replication Group {name} is not in available state: it is {store.status}."
            raise AwsError("InvalidGlobalReplicationGroupState", message)
        return store

    def _secondary(self, store: Datastore, region: str, name: str) -> CacheGroup:
        for group in store.members:
            if (group.region, group.identifier) == (region, name.lower()):
                if group is store.primary:
                    message = f"Replication group {name} in {region} is the primary of {store.identifier}."
                    raise AwsError("InvalidParameterValue", message)
                return group
        message = f"Replication group {name} in {region} is not a member of {store.identifier}."
        raise AwsError("InvalidParameterValue", message)

    def _later(self, store: Datastore, group: CacheGroup, takes: timedelta, what: str, act: Callable[[], None]) -> None:
        """The group and its datastore are modifying until it is done; what fails leaves both as they were."""
        desk = self._desk
        desk.enter(group, "modifying")

        def run() -> None:
            try:
                act()
                desk.events.note(group, "failover", f"The {what} of {store.identifier} is complete.")
            except DrillError as error:
                desk.events.note(group, "failure", f"The {what} failed: {error.message.splitlines()[0]}")
            with desk.caches.lock:
                store.leaving.clear()
                store.status = "available" if store.members[1:] else _ALONE
                group.status = "available"

        desk.world.pace.later(takes, f"{what} of {store.identifier}", run)
