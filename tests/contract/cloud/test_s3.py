"""S3 as the estate has it: versions can be brought back, new ones reach the other region a little later."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from harness.capabilities import HoldsObjects, Replicating, Vanishing
from harness.cloud.services.backup import Backup
from harness.cloud.services.ec2 import Ec2
from harness.cloud.services.rds import Rds
from harness.cloud.services.s3 import S3
from harness.cloud.services.s3.machine import BucketMachine
from harness.cloud.services.s3.store import content
from harness.cloud.services.ssm import Ssm
from harness.estate import Role, load_estate
from harness.faults.cut_replication import CutReplication
from harness.faults.lose_bucket import LoseBucket
from harness.faults.spoil_objects import SpoilObjects
from harness.wait import until
from tests.contract.cloud.raising import EAST, ESTATE, WEST, Raised, raised, refusal

SOON = timedelta(seconds=10)
UPLOADS, DR_UPLOADS = "labelmintit-production-uploads", "labelmintit-production-dr-uploads"
OBJECTS = 200
BUCKETS_ALONE = load_estate(ESTATE).model_copy(update={"services": ()})


@pytest.fixture(scope="module")
def estate() -> Iterator[Raised]:
    with raised(S3, pace=0.001, estate=BUCKETS_ALONE) as made:
        yield made


@pytest.fixture
def key() -> str:
    return f"new/{uuid.uuid4()}"


def machine(estate: Raised, role: Role) -> BucketMachine:
    found = estate.cloud.target(role)
    assert isinstance(found, BucketMachine)
    return found


def status(estate: Raised, bucket: str, key: str, **version: str) -> str | None:
    return estate.aws.s3().head_object(Bucket=bucket, Key=key, **version).get("ReplicationStatus")  # type: ignore[arg-type]


def put(estate: Raised, key: str, body: bytes, bucket: str = UPLOADS) -> str:
    return str(estate.aws.s3().put_object(Bucket=bucket, Key=key, Body=body, ContentType="image/png")["VersionId"])


def read(estate: Raised, bucket: str, key: str, **version: str) -> bytes:
    return bytes(estate.aws.s3().get_object(Bucket=bucket, Key=key, **version)["Body"].read())  # type: ignore[arg-type]


def keys(estate: Raised, bucket: str) -> dict[str, str]:
    found: list[Any] = []
    for page in estate.aws.s3().get_paginator("list_objects_v2").paginate(Bucket=bucket):
        found += page.get("Contents", [])
    return {one["Key"]: one["ETag"] for one in found}


def wait_status(estate: Raised, key: str, wanted: str) -> None:
    until(f"{key} is {wanted}", lambda: status(estate, UPLOADS, key) == wanted, within=SOON)


def test_the_estate_has_its_buckets_with_what_was_uploaded_before(estate: Raised) -> None:
    s3 = estate.aws.s3()
    names = {bucket["Name"] for bucket in s3.list_buckets()["Buckets"]}
    assert {UPLOADS, DR_UPLOADS, "labelmintit-production-dr-backups"} <= names
    seeded = {name: tag for name, tag in keys(estate, UPLOADS).items() if not name.startswith("new/")}
    assert len(seeded) == OBJECTS
    assert seeded.items() <= keys(estate, DR_UPLOADS).items()
    assert read(estate, DR_UPLOADS, "000/000007.bin") == content(UPLOADS, 7)
    assert s3.get_bucket_location(Bucket=DR_UPLOADS)["LocationConstraint"] == WEST
    assert s3.get_bucket_versioning(Bucket=UPLOADS)["Status"] == "Enabled"
    rule = s3.get_bucket_replication(Bucket=UPLOADS)["ReplicationConfiguration"]["Rules"][0]
    assert rule["Destination"]["Bucket"] == f"arn:aws:s3:::{DR_UPLOADS}"
    assert (status(estate, UPLOADS, "000/000001.bin"), status(estate, DR_UPLOADS, "000/000001.bin")) == (
        "COMPLETED",
        "REPLICA",
    )


def test_a_new_version_arrives_in_the_other_region_a_little_later(estate: Raised, key: str) -> None:
    """The same version with its metadata; until then the source says PENDING."""
    with estate.slowed():
        version = put(estate, key, b"one")
        assert status(estate, UPLOADS, key) == "PENDING"
        assert refusal(lambda: read(estate, DR_UPLOADS, key))[0] == "NoSuchKey"
    wait_status(estate, key, "COMPLETED")
    there = estate.aws.s3(WEST).head_object(Bucket=DR_UPLOADS, Key=key)
    assert (there["VersionId"], there["ContentType"], there["ReplicationStatus"]) == (version, "image/png", "REPLICA")
    assert read(estate, DR_UPLOADS, key) == b"one"


def test_every_version_is_replicated_and_deletions_are_not(estate: Raised, key: str) -> None:
    first = put(estate, key, b"one")
    put(estate, key, b"two")
    wait_status(estate, key, "COMPLETED")
    s3 = estate.aws.s3()
    s3.delete_object(Bucket=UPLOADS, Key=key)
    s3.delete_object(Bucket=UPLOADS, Key=key, VersionId=first)

    assert refusal(lambda: read(estate, UPLOADS, key))[0] == "NoSuchKey"
    assert read(estate, DR_UPLOADS, key) == b"two"
    assert read(estate, DR_UPLOADS, key, VersionId=first) == b"one"


def test_deleted_and_overwritten_objects_come_back_from_their_versions(estate: Raised, key: str) -> None:
    s3 = estate.aws.s3()
    version = put(estate, key, b"right")
    put(estate, key, b"wrong")
    marker = s3.delete_object(Bucket=UPLOADS, Key=key)["VersionId"]
    s3.delete_object(Bucket=UPLOADS, Key=key, VersionId=marker)
    assert read(estate, UPLOADS, key) == b"wrong"
    s3.copy_object(Bucket=UPLOADS, Key=key, CopySource={"Bucket": UPLOADS, "Key": key, "VersionId": version})
    assert read(estate, UPLOADS, key) == b"right"
    wait_status(estate, key, "COMPLETED")
    assert read(estate, DR_UPLOADS, key) == b"right"


def test_a_bucket_without_rules_replicates_nothing(estate: Raised, key: str) -> None:
    put(estate, key, b"one", DR_UPLOADS)
    assert status(estate, DR_UPLOADS, key) is None


def test_replication_that_is_cut_is_pending_until_it_is_restored(estate: Raised, key: str) -> None:
    fault, target = CutReplication(), machine(estate, Role.DR_UPLOADS)
    assert isinstance(target, Replicating)
    fault.inject(target)
    put(estate, key, b"late")
    put(estate, f"{key}-2", b"later")
    assert fault.has_bitten(target)
    until("it was tried", lambda: len(estate.cloud.service(S3).replicator._waiting) == 2, within=SOON)
    assert status(estate, UPLOADS, key) == "PENDING"
    assert key not in keys(estate, DR_UPLOADS)
    fault.heal(target)
    fault.heal(target)
    wait_status(estate, key, "COMPLETED")
    assert read(estate, DR_UPLOADS, key) == b"late"


def test_objects_that_are_spoiled_read_wrong_until_healed(estate: Raised) -> None:
    fault, target = SpoilObjects(), machine(estate, Role.UPLOADS)
    assert isinstance(target, HoldsObjects)
    before = keys(estate, UPLOADS)
    fault.inject(target)
    fault.inject(target)
    now = keys(estate, UPLOADS)
    gone, changed = before.keys() - now.keys(), {key for key in now if now[key] != before.get(key)}

    assert fault.has_bitten(target)
    assert len(gone) >= OBJECTS * 0.3
    assert len(changed) >= OBJECTS * 0.2
    until("wrong ones are replicated too", lambda: keys(estate, DR_UPLOADS).items() >= now.items(), within=SOON)
    assert gone <= keys(estate, DR_UPLOADS).keys()
    fault.heal(target)
    fault.heal(target)
    assert keys(estate, UPLOADS) == before
    assert not fault.has_bitten(target)


def test_a_bucket_that_is_lost_is_gone_until_it_is_put_back(estate: Raised) -> None:
    """Whoever makes one of its name in the meantime begins empty."""
    fault, target = LoseBucket(), machine(estate, Role.ASSETS)
    assert isinstance(target, Vanishing)
    s3, name = estate.aws.s3(), "labelmintit-production-assets"
    before = keys(estate, name)
    fault.inject(target)
    assert fault.has_bitten(target)
    assert refusal(lambda: s3.list_objects_v2(Bucket=name))[0] == "NoSuchBucket"
    s3.create_bucket(Bucket=name)
    assert keys(estate, name) == {}
    fault.heal(target)
    fault.heal(target)
    assert keys(estate, name) == before


def test_nothing_of_s3_is_there_before_somebody_asks_for_it() -> None:
    """Most drills never touch an object, and must not pay for them."""
    with raised(S3, pace=0.001, estate=BUCKETS_ALONE) as made:
        assert not made.cloud.service(S3)._raised
        assert made.cloud.took["s3"] < timedelta(seconds=0.1)


def test_aws_backup_keeps_objects_and_writes_them_back_as_new_versions() -> None:
    with raised(S3, Backup, Rds, Ec2, Ssm, pace=0.001) as estate:
        backup, s3 = estate.aws.backup(), estate.aws.s3()
        vault, role = "labelmintit-production-postgres-backup-vault", "arn:aws:iam::123456789012:role/backup"
        job = backup.start_backup_job(BackupVaultName=vault, ResourceArn=f"arn:aws:s3:::{UPLOADS}", IamRoleArn=role)

        def look() -> Any:
            return backup.describe_backup_job(BackupJobId=job["BackupJobId"])

        until("it is kept", lambda: look()["State"] == "COMPLETED", within=SOON)
        before, victim = keys(estate, UPLOADS), "000/000003.bin"
        s3.delete_object(Bucket=UPLOADS, Key=victim)
        s3.put_object(Bucket=UPLOADS, Key="000/000004.bin", Body=b"wrong")
        arn = look()["RecoveryPointArn"]
        refused = refusal(
            lambda: backup.start_restore_job(RecoveryPointArn=arn, Metadata={"bucket": "x"}, IamRoleArn=role)
        )
        began = backup.start_restore_job(
            RecoveryPointArn=arn, Metadata={"DestinationBucketName": UPLOADS, "NewBucket": "false"}, IamRoleArn=role
        )["RestoreJobId"]
        until(
            "it is restored",
            lambda: backup.describe_restore_job(RestoreJobId=began)["Status"] == "COMPLETED",
            within=SOON,
        )

        assert arn.startswith(f"arn:aws:backup:{EAST}:123456789012:recovery-point:{UPLOADS}-")
        assert refused[0] == "InvalidParameterValueException"
        assert keys(estate, UPLOADS) == before
