"""Data restoration of a bucket: from its own versions where it has them, from the other region's copy where not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from harness.aws import error_code
from harness.errors import ProcedureFailed
from harness.estate import Bucket, Role
from harness.facts import Part
from harness.recovery.procedure import Recovery, Step

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

_SECTION = "Data Restoration Procedures"


@dataclass(frozen=True, slots=True)
class RestoreBucket:
    """Make the bucket again if it is gone, bring back what versions hold, copy the rest, compare by checksum.

    Somebody may have deleted or overwritten objects for as long as `mischief_lasted`: everything newer is undone.
    """

    bucket: Role = Role.UPLOADS
    mischief_lasted: timedelta = timedelta(minutes=5)

    def steps(self) -> tuple[Step, ...]:
        return (
            Step("make the bucket", Part.EXECUTE, _SECTION, self.make),
            Step("restore from versions", Part.EXECUTE, _SECTION, self.from_versions),
            Step("copy from the other region", Part.EXECUTE, _SECTION, self.from_copy),
            Step("replicate again", Part.EXECUTE, _SECTION, self.replicate),
        )

    def make(self, recovery: Recovery) -> None:
        bucket, s3 = self._mine(recovery)
        try:
            s3.head_bucket(Bucket=bucket.name)
        except ClientError as error:
            if error_code(error) not in ("404", "NoSuchBucket"):
                raise
            place: Any = {"LocationConstraint": bucket.region}
            s3.create_bucket(
                Bucket=bucket.name, **({"CreateBucketConfiguration": place} if bucket.region != "us-east-1" else {})
            )
            s3.put_bucket_versioning(Bucket=bucket.name, VersioningConfiguration={"Status": "Enabled"})
            s3.put_bucket_tagging(Bucket=bucket.name, Tagging={"TagSet": [{"Key": "dr-drill", "Value": "allowed"}]})

    def from_versions(self, recovery: Recovery) -> None:
        """Undo what was done since: markers are deleted, and the version before a new one is made the current one."""
        bucket, s3 = self._mine(recovery)
        since = recovery.clock.wall() - self.mischief_lasted
        markers, versions = _versions(s3, bucket.name)
        for key, (marker, when) in markers.items():
            if when >= since:
                s3.delete_object(Bucket=bucket.name, Key=key, VersionId=marker)
        for key, history in versions.items():
            good = [version for version, when in history if when < since]
            if good and len(good) < len(history):
                source: Any = {"Bucket": bucket.name, "Key": key, "VersionId": good[-1]}
                s3.copy_object(Bucket=bucket.name, Key=key, CopySource=source)

    def from_copy(self, recovery: Recovery) -> None:
        """Whatever the other region has and this one lacks. Raises ProcedureFailed where there is no copy."""
        bucket, s3 = self._mine(recovery)
        if bucket.replicates_to is None:
            raise ProcedureFailed(f"{bucket.name} is not replicated anywhere")
        copy = recovery.estate.bucket(bucket.replicates_to)
        here, there = _current(s3, bucket.name), _current(recovery.aws.s3(copy.region), copy.name)
        for key in sorted(there.keys() - here.keys()):
            s3.copy_object(Bucket=bucket.name, Key=key, CopySource={"Bucket": copy.name, "Key": key})

    def replicate(self, recovery: Recovery) -> None:
        """A bucket that was made again has no rules: without them its next loss would be for good."""
        bucket, s3 = self._mine(recovery)
        assert bucket.replicates_to
        copy = recovery.estate.bucket(bucket.replicates_to)
        rule: Any = {
            "ID": "to-dr",
            "Status": "Enabled",
            "Priority": 1,
            "Filter": {"Prefix": ""},
            "DeleteMarkerReplication": {"Status": "Disabled"},
            "Destination": {"Bucket": f"arn:aws:s3:::{copy.name}"},
        }
        role = f"arn:aws:iam::{recovery.estate.account_id}:role/{bucket.name}-replication"
        s3.put_bucket_replication(Bucket=bucket.name, ReplicationConfiguration={"Role": role, "Rules": [rule]})

    def _mine(self, recovery: Recovery) -> tuple[Bucket, S3Client]:
        bucket = recovery.estate.bucket(self.bucket)
        return bucket, recovery.aws.s3(bucket.region)


def _versions(s3: S3Client, name: str) -> tuple[dict[str, tuple[str, datetime]], dict[str, list[tuple[str, datetime]]]]:
    """The marker of each object that is deleted now, and the versions of each object, the oldest first."""
    markers: dict[str, tuple[str, datetime]] = {}
    versions: dict[str, list[tuple[str, datetime]]] = {}
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=name):
        for marker in page.get("DeleteMarkers", ()):
            if marker["IsLatest"]:
                markers[marker["Key"]] = marker["VersionId"], marker["LastModified"]
        for version in page.get("Versions", ()):
            versions.setdefault(version["Key"], []).append((version["VersionId"], version["LastModified"]))
    return markers, {key: sorted(history, key=lambda one: one[1]) for key, history in versions.items()}


def _current(s3: S3Client, name: str) -> dict[str, str]:
    """Each object's checksum by key."""
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=name)
    return {one["Key"]: one["ETag"] for page in pages for one in page.get("Contents", ())}
