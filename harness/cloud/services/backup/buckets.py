"""How AWS Backup keeps buckets: a recovery point holds every object as it was, and a restore writes new versions."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from harness.aws_rules.durations import BACK_UP_BUCKET, COPY_BUCKET_BACKUP, RESTORE_BUCKET, Published
from harness.cloud.service import AwsError, World
from harness.cloud.services.backup.state import Done, Held
from harness.cloud.services.backup.words import invalid
from harness.cloud.services.s3 import S3

_ARN = "arn:aws:s3:::"
_KNOWN = frozenset(
    {"DestinationBucketName", "NewBucket", "Encrypted", "EncryptionType", "KMSKey", "CreationToken", "ItemsToRestore",
     "RestoreACLs", "RestoreLatestVersionsOnly", "RestoreLatestVersionsUpTo"}
)  # fmt: skip


class Buckets:
    """The keeper of buckets. What is held is moto's objects themselves, by name."""

    resource_type = "S3"

    def __init__(self, world: World) -> None:
        self._world = world

    @property
    def _s3(self) -> S3:
        return self._world.neighbour(S3)

    def region_of(self, arn: str) -> str:
        return str(self._bucket(arn.removeprefix(_ARN)).region_name)

    def back_up(self, arn: str, job: str, tags: dict[str, str], done: Done) -> Held:
        name = arn.removeprefix(_ARN)
        bucket = self._bucket(name)
        if not bucket.is_versioned:
            raise AwsError("InvalidRequestException", f"Versioning must be enabled on bucket {name} to back it up.")
        with self._s3.store.lock:
            content = {one.name: copy.deepcopy(one) for one in self._s3.store.current(name)}
        self._later(BACK_UP_BUCKET, f"backup of {name}", lambda: done(""))
        return self._held(str(bucket.region_name), name, job, content)

    def copy(self, held: Held, region: str, job: str, done: Done) -> Held:
        name = held.arn.split(":recovery-point:")[1].rsplit("-", 2)[0]
        self._later(COPY_BUCKET_BACKUP, f"copy of {held.arn}", lambda: done(""))
        return self._held(region, name, job, dict(_content(held)))

    def metadata(self, held: Held) -> dict[str, str]:
        return {}

    def check(self, held: Held, metadata: dict[str, str]) -> None:
        if unknown := sorted(set(metadata) - _KNOWN):
            raise invalid(f"Invalid restore metadata. Unrecognized key : {', '.join(unknown)}")
        if not metadata.get("DestinationBucketName"):
            raise invalid("Invalid restore metadata. DestinationBucketName is required to restore S3 objects")
        _items(metadata)

    def restore(self, held: Held, region: str, metadata: dict[str, str], done: Done) -> str:
        name, wanted = metadata["DestinationBucketName"], _items(metadata)
        if metadata.get("NewBucket", "false").lower() == "true":
            self._make(name, region)
        self._bucket(name)

        def write() -> None:
            if self._s3.store.bucket(name) is None:
                done(f"The bucket {name} is gone")
                return
            for key, one in _content(held).items():
                if not wanted or key in wanted:
                    self._s3.store.put(name, key, one.value)
            self._s3.replicator.look(name)
            done("")

        self._later(RESTORE_BUCKET, f"restore into {name}", write)
        return _ARN + name

    def remove(self, held: Held) -> None:
        _content(held).clear()

    def _make(self, name: str, region: str) -> None:
        if self._s3.store.bucket(name) is not None:
            raise AwsError("InvalidRequestException", f"The bucket {name} already exists.")
        backend = self._world.moto("s3", "aws")
        backend.create_bucket(name, region)
        backend.put_bucket_versioning(name, "Enabled")

    def _bucket(self, name: str) -> Any:
        """moto's bucket. Raises ResourceNotFoundException."""
        self._s3.raise_once()
        bucket = self._s3.store.bucket(name)
        if bucket is None:
            raise AwsError("ResourceNotFoundException", f"The bucket {name} does not exist.")
        return bucket

    def _held(self, region: str, name: str, job: str, content: dict[str, Any]) -> Held:
        account, now = self._world.estate.account_id, datetime.now(UTC)
        arn = f"arn:aws:backup:{region}:{account}:recovery-point:{name}-{now:%Y%m%d%H%M%S}-{job.lower()[:8]}"
        return Held(arn, lambda: sum(one.size for one in content.values()), content)

    def _later(self, takes: Published, what: str, act: Callable[[], None]) -> None:
        self._world.pace.later(takes.usual, what, act)


def _content(held: Held) -> dict[str, Any]:
    assert isinstance(held.content, dict)
    return held.content


def _items(metadata: dict[str, str]) -> set[str]:
    """The keys that are to be restored, a JSON list in a string; none for all."""
    try:
        items = json.loads(metadata.get("ItemsToRestore", "[]"))
    except ValueError:
        items = None
    if not isinstance(items, list) or len(items) > 5:
        raise invalid("Invalid restore metadata. ItemsToRestore must be a JSON list of one to five keys")
    return {str(item) for item in items}
