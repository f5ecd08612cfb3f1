"""Amazon RDS: PostgreSQL instances and their read replicas, each a real server. It owns DB instances wholly.

Snapshots, restores and groups are answered by its parts (snapshots, restore, groups, deletion). What
it does not do, such as empty new instances, is a clean 501; there are no clusters, and the describe call says so.
"""

from __future__ import annotations

import threading
from typing import Any

from harness.aws_rules.durations import ENDPOINT_TTL
from harness.cloud.history import Events
from harness.cloud.hosts import KeepsData
from harness.cloud.service import Answer, AwsError, Call, Host, Service, World, operation
from harness.cloud.services.ec2 import Ec2
from harness.cloud.services.rds import checks, standby
from harness.cloud.services.rds.automated import AutomatedBackupCalls
from harness.cloud.services.rds.backups import Backups
from harness.cloud.services.rds.deletion import DeletionCalls
from harness.cloud.services.rds.foundry import POSTGRES, Foundry, endpoint_of, found, start_all
from harness.cloud.services.rds.groups import GroupCalls
from harness.cloud.services.rds.machine import DatabaseInstance
from harness.cloud.services.rds.restore import RestoreCalls
from harness.cloud.services.rds.restoring import Restoring
from harness.cloud.services.rds.shapes import filtered, shown_instance
from harness.cloud.services.rds.snapshot_state import Snapshots
from harness.cloud.services.rds.snapshots import SnapshotCalls
from harness.cloud.services.rds.state import DbInstance, Endpoint, Instances
from harness.cloud.services.rds.watch import Watch
from harness.cloud.services.rds.words import shown_tags, tags_of
from harness.cloud.services.rds.workflows import Workflows
from harness.errors import DrillError
from harness.estate import Role
from harness.login import Login

_MODIFIABLE = ("BackupRetentionPeriod", "MultiAZ", "PreferredBackupWindow", "DBParameterGroupName")
_AT_ONCE = ("VpcSecurityGroupIds", "DeletionProtection")
_HANDLED = frozenset({*_MODIFIABLE, *_AT_ONCE, "DBInstanceIdentifier", "ApplyImmediately"})


class Rds(Service):
    """DB instances of both regions."""

    name = "rds"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.instances = Instances()
        self._foundry = Foundry(world)
        self._events = Events[DbInstance]("db-instance", world.record, lambda instance: instance.arn)
        self._watch = Watch(world, self.instances, self._events, self.admit, self._add_standby)
        self._raised = threading.Event()
        self.backups = Backups(world, Snapshots(), self._foundry, self._events)
        self._workflows = Workflows(world, self.instances, self._events, self._add_standby, self.backups.begin)
        self._restoring = Restoring(
            world, self.instances, self._foundry, self.backups, self._events,
            admit=self.admit, add_standby=self._add_standby,
        )  # fmt: skip
        self.snapshots = SnapshotCalls(world, self.instances, self.backups, self._events)
        self._groups = GroupCalls(world)
        self.restores = RestoreCalls(world, self.instances, self.backups, self._groups, self._restoring)
        self.parts = (
            self.snapshots,
            self._groups,
            self.restores,
            AutomatedBackupCalls(self.backups),
            DeletionCalls(world, self.instances, self.backups, self.snapshots, self._events),
        )

    def raise_estate(self) -> None:
        self._foundry.prepare()
        found(self.world, self._foundry, self.instances)
        for instance in self.instances:
            self.world.names.put(instance.endpoint.host, instance.machine.server.address, ttl=ENDPOINT_TTL)
        start_all(self.instances)
        for instance in self.instances:
            self.admit(instance)
            instance.status = "available"
            self._events.note(instance, "creation", "DB instance created")
            self.backups.found(instance)
        self.world.neighbour(Ec2).on_change(self._admit_all)
        self._watch.rounds.start()
        self._raised.set()

    def close(self) -> None:
        self._restoring.close()
        self._watch.rounds.close()

    def is_raised(self) -> bool:
        """Whether the estate's instances are there."""
        return self._raised.is_set()

    def endpoint(self, role: Role) -> Endpoint:
        """Where the instance of a role is reached; known before it is raised."""
        return endpoint_of(self.world, self.world.estate.database(role))

    def login(self) -> Login:
        """The application's account, the same on every instance."""
        return self._foundry.login

    def target(self, role: Role) -> object | None:
        return next((one.machine for one in self.instances if one.role is role), None)

    def hosts(self, region: str) -> tuple[Host, ...]:
        return tuple(KeepsData(one.machine) for one in self.instances if one.region == region)

    def machine(self, which: Role | str) -> DatabaseInstance:
        """The machine behind a role or identifier. Raises DrillError when there is none."""
        for instance in self.instances:
            if which in (instance.role, instance.identifier):
                return instance.machine
        raise DrillError(f"no database {which} is up")

    def secrets(self) -> tuple[str, ...]:
        return (self._foundry.login.password, self._foundry.replicator.password)

    def admit(self, instance: DbInstance) -> None:
        """Let the application in, or keep it out, as the instance's security groups say now."""
        open_to = self.world.neighbour(Ec2).allows(instance.groups, POSTGRES)
        instance.machine.set_ingress(open_to)

    @operation("DescribeDBInstances")
    def describe_instances(self, call: Call) -> Answer:
        name = call.params.get("DBInstanceIdentifier")
        with self.instances.lock:
            asked = [self.instances.find(call.region, name)] if name else self.instances.in_region(call.region)
        # without the lock: replicas are asked whether they stream, and one that hangs must not hold up the others
        shown = [shown_instance(one, self.backups.latest_restorable(one)) for one in filtered(asked, call)]
        return {"DBInstances": shown}

    @operation("DescribeDBClusters")
    def describe_clusters(self, call: Call) -> Answer:
        if name := call.params.get("DBClusterIdentifier"):
            raise AwsError("DBClusterNotFoundFault", f"DBCluster {name} not found.", 404)
        return {"DBClusters": []}

    @operation("DescribeEvents")
    def describe_events(self, call: Call) -> Answer:
        return self._events.described(call)

    @operation("PromoteReadReplica")
    def promote(self, call: Call) -> Answer:
        with self.instances.lock:
            instance = self._named(call)
            checks.check_retention(call.params)
            checks.check_promotable(instance)
            # without a period the API gives 1 day (API_PromoteReadReplica)
            retention = call.params.get("BackupRetentionPeriod", 1)
            self._workflows.promote(
                instance, retention, call.params.get("PreferredBackupWindow", instance.backup_window)
            )
            return {"DBInstance": shown_instance(instance)}

    @operation("ModifyDBInstance")
    def modify(self, call: Call) -> Answer:
        if unknown := set(call.params) - _HANDLED:
            what = f"rds ModifyDBInstance with {', '.join(sorted(unknown))}"
            raise AwsError("NotImplemented", f"the embedded cloud does not implement {what}", 501)
        with self.instances.lock:
            instance = self._named(call)
            checks.check_modifiable(instance, call.params)
            if parameters := call.params.get("DBParameterGroupName"):
                self._groups.check_parameters(call.region, parameters)
            instance.deletion_protection = call.params.get("DeletionProtection", instance.deletion_protection)
            if groups := call.params.get("VpcSecurityGroupIds"):
                self.world.neighbour(Ec2).check_known(call.region, groups)
                instance.groups, instance.joining = list(groups), True
                self.world.pace.behind(f"groups of {instance.identifier}", lambda: self._join(instance))
            changes = _changes(instance, call)
            if changes and call.params.get("ApplyImmediately"):
                self._workflows.modify(instance, changes)
            else:
                instance.pending |= changes
            return {"DBInstance": shown_instance(instance)}

    @operation("RebootDBInstance")
    def reboot(self, call: Call) -> Answer:
        with self.instances.lock:
            instance = self._named(call)
            checks.check_rebootable(instance, call.params)
            self._workflows.reboot(instance)
            return {"DBInstance": shown_instance(instance)}

    @operation("StopDBInstance")
    def stop(self, call: Call) -> Answer:
        with self.instances.lock:
            instance = self._named(call)
            checks.check_stoppable(instance)
            self._workflows.stop(instance)
            return {"DBInstance": shown_instance(instance)}

    @operation("StartDBInstance")
    def start(self, call: Call) -> Answer:
        with self.instances.lock:
            instance = self._named(call)
            checks.check_startable(instance)
            self._workflows.start(instance)
            return {"DBInstance": shown_instance(instance)}

    @operation("ListTagsForResource")
    def list_tags(self, call: Call) -> Answer:
        return {"TagList": shown_tags(self._tags(call))}

    @operation("AddTagsToResource")
    def add_tags(self, call: Call) -> Answer:
        with self.instances.lock:
            self._tags(call).update(tags_of(call.params))
        return {}

    @operation("RemoveTagsFromResource")
    def remove_tags(self, call: Call) -> Answer:
        with self.instances.lock:
            tags = self._tags(call)
            for key in call.params["TagKeys"]:
                tags.pop(key, None)
        return {}

    def _tags(self, call: Call) -> dict[str, str]:
        """The tags of the instance or snapshot that the call names by ARN."""
        arn = call.params["ResourceName"]
        if ":snapshot:" in arn:
            return self.backups.snapshots.find(call.region, arn).tags
        return self.instances.by_arn(arn).tags

    def _named(self, call: Call) -> DbInstance:
        return self.instances.find(call.region, call.params["DBInstanceIdentifier"])

    def _join(self, instance: DbInstance) -> None:
        wanted = instance.groups
        self.admit(instance)
        with self.instances.lock:
            instance.joining = instance.groups is not wanted

    def _admit_all(self) -> None:
        for instance in self.instances:
            self.admit(instance)

    def _add_standby(self, instance: DbInstance) -> None:
        standby.add(self._foundry, instance.machine, instance.region)


def _changes(instance: DbInstance, call: Call) -> dict[str, Any]:
    """What of the request differs from what is in force."""
    now = {
        "BackupRetentionPeriod": instance.backup_retention,
        "MultiAZ": instance.multi_az,
        "PreferredBackupWindow": instance.backup_window,
        "DBParameterGroupName": instance.parameter_group,
    }
    return {name: call.params[name] for name in _MODIFIABLE if name in call.params and call.params[name] != now[name]}
