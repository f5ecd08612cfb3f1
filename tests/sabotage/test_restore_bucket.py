"""Buckets that come back half, altered or unprotected: the drill must not pass."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import ClassVar

import pytest

from harness.estate import Role
from harness.faults.cut_replication import CutReplication
from harness.objectives import Outcome
from harness.recovery.procedure import Recovery
from harness.recovery.restore_bucket import RestoreBucket
from harness.spec import DrillSpec, Strike
from scenarios import restore_bucket, restore_lost_bucket
from steps.prepare import said
from tests.sabotage.mutants import With, Without
from tests.sabotage.rehearsal import rehearse

RESTORE = RestoreBucket(Role.UPLOADS)


@pytest.mark.parametrize("spec", [restore_bucket.DRILL, restore_lost_bucket.DRILL], ids=lambda spec: spec.name)
def test_the_drills_as_they_are_pass(tmp_path: Path, spec: DrillSpec) -> None:
    verdict = rehearse(spec, tmp_path)
    assert verdict.outcome is Outcome.PASS, said(verdict)


@pytest.mark.parametrize(
    ("spec", "forgotten"),
    [
        (restore_bucket.DRILL, "restore from versions"),
        (restore_lost_bucket.DRILL, "copy from the other region"),
        (restore_lost_bucket.DRILL, "replicate again"),
    ],
    ids=["overwritten ones stay", "nothing in it", "not replicated"],
)
def test_a_step_that_was_forgotten_is_caught(tmp_path: Path, spec: DrillSpec, forgotten: str) -> None:
    """What the other region holds does not help against objects that were overwritten: that was replicated too."""
    verdict = rehearse(dataclasses.replace(spec, procedure=Without(RESTORE, (forgotten,))), tmp_path)
    assert verdict.of("checks") is Outcome.FAIL, said(verdict)


def test_an_object_of_the_right_size_with_other_content_is_caught(tmp_path: Path) -> None:
    def alter(recovery: Recovery) -> None:
        bucket = recovery.estate.bucket(Role.UPLOADS)
        s3 = recovery.aws.s3(bucket.region)
        size = s3.head_object(Bucket=bucket.name, Key="000/000002.bin")["ContentLength"]
        s3.put_object(Bucket=bucket.name, Key="000/000002.bin", Body=b"x" * size)

    mutant = With(RESTORE, "copy from the other region", alter)
    verdict = rehearse(dataclasses.replace(restore_bucket.DRILL, procedure=mutant), tmp_path)
    assert verdict.of("checks") is Outcome.FAIL, said(verdict)


def test_a_copy_that_was_not_kept_up_is_caught(tmp_path: Path) -> None:
    """Replication to the other region was off when the last object came: it is gone with the bucket."""

    @dataclasses.dataclass(frozen=True, slots=True)
    class WithUpload:
        """Replication is cut, and somebody uploads."""

        needs: ClassVar[type] = CutReplication.needs

        def inject(self, target: object) -> None:
            CutReplication().inject(target)  # type: ignore[arg-type]
            target._store.put("labelmintit-production-uploads", "last", b"last")  # type: ignore[attr-defined]

        def has_bitten(self, target: object) -> bool:
            return CutReplication().has_bitten(target)  # type: ignore[arg-type]

        def heal(self, target: object) -> None:
            CutReplication().heal(target)  # type: ignore[arg-type]

    off = Strike(WithUpload(), Role.DR_UPLOADS)
    verdict = rehearse(dataclasses.replace(restore_lost_bucket.DRILL, weaknesses=(off,)), tmp_path)
    assert verdict.of("checks") is Outcome.FAIL, said(verdict)
