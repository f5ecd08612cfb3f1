"""What harness, operator and witness of a synthetic drill did in which nothing was struck."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from harness.facts import (
    Basis,
    ExposureSeen,
    IntegrityCounted,
    Part,
    Probed,
    RecoveryEnded,
    RecoveryStarted,
    Stage,
    TornDown,
)
from tests.golden.performed import Planned, performed

if TYPE_CHECKING:
    from tests.golden.story import Story

PRIMARY = "labelmintit-production-db-enhanced"
RUNBOOK = "Testing and Validation / Monthly DR Tests"
SEEN = datetime(2026, 11, 22, 9, 29, 59, tzinfo=UTC)
RESTORE, LOOK = ("backup", "StartRestoreJob", True), ("rds", "DescribeDBInstances", False)
STEPS: tuple[Planned, ...] = (
    ("look for recovery points", Part.EXECUTE, (("backup", "ListRecoveryPointsByBackupVault", False),)),
    ("take a recovery point", Part.EXECUTE, (("backup", "StartBackupJob", True),)),
    ("restore the latest and an older one", Part.EXECUTE, (RESTORE, LOOK, RESTORE, LOOK)),
    ("remove what was restored", Part.EXECUTE, (("rds", "DeleteDBInstance", True),)),
)
CHECKS = ("the latest recovery point restored", "an older recovery point restored")
TERMS: dict[str, Any] = {
    "runbook": RUNBOOK,
    "severity": "sev-3",
    "tags": ("monthly", "backup"),
    "promises": (),
    "fault": "",
    "procedure": "VerifyBackups",
    "planned_steps": tuple(name for name, _, _ in STEPS),
    "recovers_to": ("primary-database",),
    "checks": CHECKS,
    "known_gap": "RPO",
    "known_gap_review": "2027-01-31",
    "known_gap_at_most": timedelta(days=1),
}


def told(story: Story) -> Iterator[tuple[float, object]]:
    """From steady state to the end; the operator begins half a second after the moment of other stories' strike."""
    yield -0.6, Probed(Stage.BASELINE, "/health", True, "1")
    yield -0.5, IntegrityCounted(Stage.BASELINE, 500, 50, 5403, SEEN, "b3c1d2")
    said = "one each 1 day, 0:00:00, the latest 8.5 h old"
    yield (
        -0.5,
        ExposureSeen(f"backup plan of {PRIMARY}", timedelta(days=1), said, "primary-database", Basis.SETTING),
    )
    yield 0.5, RecoveryStarted("automation", "VerifyBackups")
    yield from performed(STEPS, RUNBOOK, f"{PRIMARY}-check", 0.51, story.ends - 2.1)
    yield story.ends - 2, RecoveryEnded(True)
    for check in CHECKS:
        yield story.ends - 1.9, Probed(Stage.VALIDATION, check, True, "5403 submissions, none altered")
    yield story.ends - 0.6, IntegrityCounted(Stage.SETTLED, 500, 50, 5911, SEEN + timedelta(seconds=8), "b3c1d2")
    yield story.ends - 0.1, TornDown(())
