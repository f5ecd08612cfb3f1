"""Sealing: complete the folder of a finished or crashed drill, make it read-only, and write the manifest last."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic_core import to_jsonable_python

from harness.errors import EvidenceError
from harness.evidence.bundle import EVENTS, RECORD, VERDICT, first_wall
from harness.evidence.judgement import verdict_json
from harness.evidence.manifest import NAME, SCHEMA, Manifest, Sealed, contents, write_atomically, write_manifest
from harness.evidence.refusal import refusal, refuse
from harness.evidence.scrub import redact, scan, spellings
from harness.evidence.summary import calls_jsonl, record_json, timeline_json
from harness.evidence.versions import versions
from harness.facts import DrillStarted
from harness.record import Record
from harness.verdict import Verdict


def seal(
    folder: Path,
    record: Record,
    verdict: Verdict,
    *,
    config: Mapping[str, object],
    logs: Sequence[Path],
    secrets: Collection[str] = (),
) -> Path:
    """Turn a drill's folder into a bundle and return it; its log must be closed and its clients gone.

    Works on whatever exists: a drill that crashed has a short log, perhaps no ledger, and the verdict that `salvage`
    gives. Raises EvidenceError when it is sealed already or when a file holds one of `secrets`, which marks the folder
    as refused for good; DiskFull.
    """
    if (folder / NAME).exists():
        raise EvidenceError(f"{folder} is sealed already")
    if why := refusal(folder):
        raise EvidenceError(f"the sealing of {folder} was refused: {why}")
    needles = spellings(secrets)
    missing = [str(log.name) for log in logs if not log.is_file()]
    _keep_logs(folder, logs, needles)
    for name, content in _documents(folder, record, verdict, config, missing).items():
        write_atomically(folder / name, content)
    files = dict(_hashed(folder, needles))
    started = record.first(DrillStarted)
    drill, run = (started.drill, started.run) if started else ("", "")
    write_manifest(folder, Manifest(SCHEMA, drill, run, datetime.now(UTC).isoformat(), files))
    return folder


def _documents(
    folder: Path, record: Record, verdict: Verdict, config: Mapping[str, object], missing: Sequence[str]
) -> dict[str, bytes]:
    return {
        RECORD: _json(record_json(record, first_wall(folder / EVENTS), missing)),
        VERDICT: _json(verdict_json(verdict)),
        "timeline.json": _json(timeline_json(record)),
        "calls.jsonl": b"".join(calls_jsonl(record)),
        "config.json": _json(config),
        "versions.json": _json(versions()),
    }


def _json(value: Any) -> bytes:
    return json.dumps(to_jsonable_python(value, fallback=str), indent=1, ensure_ascii=False).encode() + b"\n"


def _keep_logs(folder: Path, logs: Sequence[Path], needles: Collection[bytes]) -> None:
    """Copy the logs in, redacted; two of one name get their folder's name in front."""
    target = folder / "logs"
    target.mkdir(exist_ok=True)
    taken: set[str] = set()
    for log in (log for log in logs if log.is_file()):
        name = log.name if log.name not in taken else f"{log.parent.name}-{log.name}"
        taken.add(name)
        write_atomically(target / name, redact(log.read_bytes(), needles))
    for log in sorted(target.rglob("*")):
        if log.is_file() and log.name not in taken:
            write_atomically(log, redact(log.read_bytes(), needles))


def _hashed(folder: Path, needles: Collection[bytes]) -> Iterator[tuple[str, Sealed]]:
    """Every file with its hash, read-only from here on."""
    for path in contents(folder):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink() or not path.is_file():
            raise EvidenceError(f"{name} in {folder} is not a plain file")
        seen = scan(path, needles)
        if seen.leaks:
            hint = "Keep secrets out of facts and settings."
            refuse(folder, f"{name} holds a secret")
            raise EvidenceError(f"{name} holds a secret; the bundle was not sealed", hint=hint)
        path.chmod(0o444)
        yield name, Sealed(seen.sha256, seen.size)
