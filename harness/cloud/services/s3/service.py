"""Amazon S3: moto keeps and answers for buckets and objects; here they are replicated and can be struck."""

from __future__ import annotations

from collections.abc import Mapping

from harness.aws_rules.operations import mutates
from harness.cloud.codec import Wire
from harness.cloud.service import Call, Service, World
from harness.cloud.services.s3.machine import BucketMachine
from harness.cloud.services.s3.replication import Replicator
from harness.cloud.services.s3.store import Store
from harness.estate import Role

_SHOWS_STATUS = frozenset({"HeadObject", "GetObject"})


class S3(Service):
    """The buckets of both regions; their names are one space, as in AWS."""

    name = "s3"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.store = Store(world)
        self.replicator = Replicator(world, self.store)
        self._raised = False
        self._machines = {
            bucket.role: BucketMachine(bucket.name, self.store, self.replicator) for bucket in world.estate.buckets
        }

    def check(self, call: Call) -> None:
        self.raise_once()

    def raise_once(self) -> None:
        """Make the estate's buckets, if S3 has not been used yet."""
        if self._raised:
            return
        with self.store.lock:
            if not self._raised:
                self.store.make_estate()
                estate = self.world.estate
                self.replicator.begin(
                    {one.name: estate.bucket(one.replicates_to).name for one in estate.buckets if one.replicates_to}
                )
                self._raised = True

    def answered(self, call: Call, path: str, query: Mapping[str, str], wire: Wire) -> Wire:
        bucket, _, key = path.lstrip("/").partition("/")
        if wire.status >= 300 or not bucket:
            return wire
        if mutates(call.operation):
            self.replicator.look(bucket)
        elif call.operation in _SHOWS_STATUS and (
            status := self.replicator.status(bucket, key, query.get("versionId"))
        ):
            return Wire(wire.status, {**wire.headers, "x-amz-replication-status": status}, wire.body)
        return wire

    def target(self, role: Role) -> object | None:
        if role in self._machines:
            self.raise_once()
        return self._machines.get(role)
