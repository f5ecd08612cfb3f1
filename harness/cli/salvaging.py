"""Completing the evidence of a drill whose process died before it could, while its servers' logs are still there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from harness.errors import DrillError, EvidenceError
from harness.evidence import refusal, salvage, seal
from harness.evidence.bundle import EVENTS
from harness.evidence.manifest import NAME as MANIFEST
from harness.facts import DrillStarted
from harness.machines.workspace import logs_of_run

_CONFIG = "config.json"


def seal_what_is_left(folder: Path, work_dir: Path, why: str) -> None:
    """Seal a folder that has a log and no manifest; any other, and one whose sealing was refused, is left alone.

    The secrets died with the drill: none are looked for, and the log says so. Raises EvidenceError when the folder
    cannot be sealed.
    """
    if not (folder / EVENTS).exists() or (folder / MANIFEST).exists() or refusal(folder):
        return
    try:
        record, verdict = salvage(folder, f"its process died: {why}; it was sealed without a search for secrets")
        started = record.first(DrillStarted)
        logs = logs_of_run(work_dir, started.run) if started else ()
        seal(folder, record, verdict, config=_settings(folder), logs=logs)
    except (DrillError, OSError) as error:
        raise EvidenceError(f"{folder} could not be sealed: {error}") from error


def _settings(folder: Path) -> dict[str, Any]:
    """The effective configuration, as the drill wrote it when it began; empty when it had not come so far."""
    try:
        settings = json.loads((folder / _CONFIG).read_bytes())
    except (OSError, ValueError):
        return {}
    return settings if isinstance(settings, dict) else {}
