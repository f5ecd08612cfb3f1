"""What S3 holds: moto keeps buckets and objects, and this is the way to them without a request.

The estate's buckets are made and filled when S3 is first used, not with the rest of the estate: moto's S3 costs 0.3 s
of imports, and most drills never touch an object.
"""

from __future__ import annotations

import copy
import hashlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from harness.aws_rules.tags import drill_target
from harness.cloud.moto_import import load
from harness.cloud.service import World
from harness.estate import Bucket

_UPLOADED_BEFORE = timedelta(days=30)
"""What the buckets hold at first is that old."""


@dataclass(frozen=True, slots=True)
class Version:
    """One version of an object, or the marker that it was deleted."""

    bucket: str
    key: str
    id: str
    is_marker: bool


class Store:
    """The account's buckets. Hold `lock` to change one behind the API."""

    def __init__(self, world: World) -> None:
        self.lock = threading.RLock()
        self._world = world

    def make_estate(self) -> None:
        """Make the estate's buckets with what they hold."""
        with self.lock:
            for bucket in self._world.estate.buckets:
                self._make(bucket)
            for bucket in self._world.estate.buckets:
                self._fill(bucket)

    def bucket(self, name: str) -> Any | None:
        """moto's bucket, or None where there is none of that name."""
        return self._backend.buckets.get(name)

    def versions(self, name: str) -> list[Version]:
        """All versions of all objects, of each the oldest first."""
        bucket = self.bucket(name)
        if bucket is None:
            return []
        return [
            Version(name, one.name, str(one.version_id), _is_marker(one))
            for _, versions in tuple(bucket.keys.iterlists())
            for one in versions
        ]

    def current(self, name: str) -> Iterator[Any]:
        """moto's objects as a reader finds them now."""
        bucket = self.bucket(name)
        for _, versions in tuple(bucket.keys.iterlists()) if bucket is not None else ():
            if versions and not _is_marker(versions[-1]):
                yield versions[-1]

    def put(self, name: str, key: str, content: bytes) -> Any:
        """A new version behind the API."""
        return self._backend.put_object(name, key, content, disable_notification=True)

    def delete(self, name: str, key: str) -> None:
        """As DeleteObject without a version does."""
        self._backend.delete_object(name, key)

    def copy(self, version: Version, to: str) -> bool:
        """The same version in another bucket, with its tags; False when it is no longer there to be copied."""
        source, target = self.bucket(version.bucket), self.bucket(to)
        if source is None or target is None:
            return False
        for one in source.keys.getlist(version.key, default=[]):
            if str(one.version_id) == version.id:
                there = list(target.keys.getlist(version.key, default=[]))
                if all(str(known.version_id) != version.id for known in there):
                    target.keys.setlist(version.key, [*there, self._moved(one, target)])
                return True
        return False

    def remove(self, version: Version) -> None:
        """As if it had never been."""
        bucket = self.bucket(version.bucket)
        if bucket is not None:
            left = [one for one in bucket.keys.getlist(version.key, default=[]) if str(one.version_id) != version.id]
            bucket.keys.setlist(version.key, left)
            if not left:
                bucket.keys.pop(version.key, None)

    def take_out(self, name: str) -> Any | None:
        """The bucket as it is, which is then gone; see `put_back`."""
        load("moto.s3.models").s3_backends.bucket_accounts.pop(name, None)
        return self._backend.buckets.pop(name, None)

    def put_back(self, bucket: Any) -> None:
        """What was taken out; one that somebody made in its place is replaced."""
        load("moto.s3.models").s3_backends.bucket_accounts[bucket.name] = (bucket.partition, bucket.account_id)
        self._backend.buckets[bucket.name] = bucket

    @property
    def _backend(self) -> Any:
        return self._world.moto("s3", "aws")

    def _moved(self, one: Any, target: Any) -> Any:
        moved = copy.copy(one) if _is_marker(one) else copy.deepcopy(one)
        moved.bucket_name = target.name
        if not _is_marker(one):
            moved.region_name = target.region_name
            self._backend.tagger.copy_tags(one.arn, moved.arn)
        return moved

    def _make(self, bucket: Bucket) -> None:
        backend = self._backend
        backend.create_bucket(bucket.name, bucket.region)
        if bucket.versioning:
            backend.put_bucket_versioning(bucket.name, "Enabled")
        backend.put_bucket_tagging(bucket.name, drill_target())
        if bucket.replicates_to:
            backend.put_bucket_replication(bucket.name, self._replication(bucket))

    def _replication(self, bucket: Bucket) -> dict[str, Any]:
        assert bucket.replicates_to
        target = self._world.estate.bucket(bucket.replicates_to)
        role = f"arn:aws:iam::{self._world.estate.account_id}:role/{bucket.name}-replication"
        rule = {
            "ID": "to-dr",
            "Status": "Enabled",
            "Priority": "1",
            "Filter": {"Prefix": ""},
            "DeleteMarkerReplication": {"Status": "Disabled"},
            "Destination": {"Bucket": f"arn:aws:s3:::{target.name}"},
        }
        return {"Role": role, "Rule": [rule]}

    def _fill(self, bucket: Bucket) -> None:
        """What was uploaded, and replicated, long before."""
        for number in range(bucket.objects):
            made = self.put(bucket.name, f"{number // 100:03d}/{number:06d}.bin", content(bucket.name, number))
            made.last_modified -= _UPLOADED_BEFORE
        if bucket.replicates_to:
            target = self._world.estate.bucket(bucket.replicates_to)
            for version in self.versions(bucket.name):
                self.copy(version, target.name)


def content(bucket: str, number: int) -> bytes:
    """What a seeded object holds: 1 to 4 KiB that nothing else holds."""
    digest = hashlib.sha256(f"{bucket}/{number}".encode()).digest()
    return digest * (32 + digest[0] % 96)


def _is_marker(one: Any) -> bool:
    return type(one).__name__ == "FakeDeleteMarker"
