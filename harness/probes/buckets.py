"""The witness of a bucket: is every object there again, with the content that it had?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from botocore.exceptions import ClientError

from harness.estate import Estate, Role
from harness.facts import Probed, Stage
from harness.probes.sight import Sight

SAFE = "versioning and replication"


@dataclass(frozen=True, slots=True)
class ObjectsComeBack:
    """Every object of the bucket, by checksum, against what was there before; and how it is protected afterwards."""

    bucket: Role

    def checks(self, estate: Estate) -> tuple[str, ...]:
        return (_objects_of(estate.bucket(self.bucket).name), SAFE)

    def begin(self, sight: Sight) -> WatchingBucket:
        return WatchingBucket(self.bucket, sight)


def _objects_of(name: str) -> str:
    return f"objects of {name}"


class WatchingBucket:
    """What was there at the beginning is remembered: each object's checksum, and the bucket's settings."""

    def __init__(self, bucket: Role, sight: Sight) -> None:
        self._bucket = sight.estate.bucket(bucket)
        self._s3 = sight.aws.s3(self._bucket.region)
        self._objects = self._look()
        self._settings = self._protection()

    def is_hurt(self) -> bool:
        return self._look() != self._objects

    def after_step(self, step: str) -> Iterator[Probed]:
        yield from ()

    def at_the_end(self) -> Iterator[Probed]:
        now, name = self._look(), _objects_of(self._bucket.name)
        gone = sorted(self._objects.keys() - now.keys())
        other = sorted(key for key, tag in now.items() if self._objects.get(key, tag) != tag)
        unknown = sorted(now.keys() - self._objects.keys())
        wrong = [
            f"{len(keys)} {what} ({', '.join(keys[:3])})"
            for what, keys in (("missing", gone), ("altered", other), ("that were never there", unknown))
            if keys
        ]
        good = bool(self._objects) and not wrong
        yield Probed(Stage.VALIDATION, name, ok=good, detail="; ".join(wrong) or f"{len(now)} objects by checksum")
        after = self._protection()
        said = after if after == self._settings else f"{after} instead of {self._settings}"
        yield Probed(Stage.VALIDATION, SAFE, ok=after == self._settings, detail=said)

    def _look(self) -> dict[str, str]:
        """Each object's checksum by key; none of a bucket that is not there."""
        pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=self._bucket.name)
        try:
            return {one["Key"]: one["ETag"] for page in pages for one in page.get("Contents", ())}
        except ClientError:
            return {}

    def _protection(self) -> str:
        """Whether it keeps versions, and where they are copied to."""
        try:
            kept = self._s3.get_bucket_versioning(Bucket=self._bucket.name).get("Status", "off")
        except ClientError:
            return "no bucket"
        try:
            rules = self._s3.get_bucket_replication(Bucket=self._bucket.name)["ReplicationConfiguration"]["Rules"]
        except ClientError:
            rules = []
        targets = sorted(rule["Destination"]["Bucket"] for rule in rules if rule["Status"] == "Enabled")
        return f"versions {kept}, replicated to {', '.join(targets) or 'nowhere'}"
