"""The witness of backups looks at every restore that is over, also at one that somebody tried again."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from harness.estate import Role
from harness.probes import backups, recovery_points
from harness.probes.backups import LATEST, WatchingBackups

TAKEN = datetime(2026, 3, 1, tzinfo=UTC)
POINT = "arn:aws:rds:us-east-1:1:snapshot:awsbackup:1"


@pytest.mark.parametrize("status", ["FAILED", "ABORTED"])
def test_a_restore_that_failed_is_a_bad_look_once(monkeypatch: pytest.MonkeyPatch, status: str) -> None:
    """However good the one is that was tried next."""
    jobs: list[dict[str, Any]] = []
    monkeypatch.setattr(recovery_points, "restores", lambda *_: list(jobs))
    monkeypatch.setattr(recovery_points, "completed", lambda *_: [{"CreationDate": TAKEN}])
    monkeypatch.setattr(backups, "live", lambda *_: {})
    regions = SimpleNamespace(primary="us-east-1", dr="us-west-2")
    database = SimpleNamespace(region="us-east-1")
    vaults = [SimpleNamespace(region="us-east-1")]
    estate = SimpleNamespace(regions=regions, vaults=vaults, database=lambda _: database)
    sight: Any = SimpleNamespace(estate=estate, aws=None)
    watching = WatchingBackups(Role.PRIMARY_DATABASE, sight)
    job = {"RestoreJobId": "1", "RecoveryPointArn": POINT, "RecoveryPointCreationDate": TAKEN}

    jobs.append(job | {"Status": "RUNNING"})
    assert not list(watching.after_step("restore"))
    jobs[:] = [job | {"Status": status, "StatusMessage": "no such group"}]
    [seen] = watching.after_step("restore")
    assert (seen.probe, seen.ok, seen.detail) == (LATEST, False, "no such group")
    assert not list(watching.after_step("restore"))
