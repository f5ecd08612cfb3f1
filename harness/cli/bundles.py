"""`drill report`, `drill rejudge` and `drill verify`: what can be done with evidence afterwards."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from harness import evidence
from harness.cli import results, summary
from harness.cli.console import console_for
from harness.errors import UsageError
from harness.evidence import Bundle
from harness.verdict import Verdict

DIFFERENT = 1
"""The exit code when a bundle's verdict is not what its own evidence gives."""


def write_scorecards(folders: Sequence[Path]) -> None:
    """Draw each bundle's scorecard and say where it is.

    Raises BundleDamaged for one that was altered or does not follow from its own events, EvidenceError, UsageError
    where it cannot be written.
    """
    from harness.cli.scorecards import draw

    for folder in folders:
        evidence.require_same(_untouched(folder))
        try:
            print(draw(folder.absolute()))
        except OSError as error:
            raise _cannot_be_drawn(folder.absolute().parent, error) from error


def _cannot_be_drawn(place: Path, error: OSError) -> UsageError:
    hint = "Copy the bundle to a folder of yours that has room, and have its scorecard drawn there."
    return UsageError(f"no scorecard can be written to {place}: {error.strerror or error}", hint=hint)


def judge_again(folder: Path, *, as_json: bool) -> int:
    """Judge anew and compare with the stored verdict. Returns 1 when they differ, else the verdict's exit code.

    Raises BundleDamaged for a bundle that was altered, or whose record, timeline or calls are not what its events and
    ledger give: whatever is judged from it says nothing of the drill.
    """
    saved = _untouched(folder)
    stored, now = saved.verdict, evidence.judge_again(saved)
    differs = differences(stored, now)
    if as_json:
        print(json.dumps({
            "schema": results.SCHEMA,
            "verdict": now.outcome.name,
            "stored_verdict": stored.outcome.name,
            "differs": bool(differs),
            "differences": differs,
            "findings": [results.finding_json(finding) for finding in now.findings],
            "evidence": str(folder.absolute()),
        }))  # fmt: skip
    else:
        console = console_for()
        console.print(summary.verdict_word(now), folder.name)
        summary.show_findings(console, folder.name, now)
        for line in differs or ["the same as stored"]:
            console.print(line, markup=False, soft_wrap=True)
    return DIFFERENT if differs else results.EXIT_CODES[now.effective]


def _untouched(folder: Path) -> Bundle:
    """A sealed bundle as it was sealed. Raises BundleDamaged, or EvidenceError; a refused sealing says why it was."""
    if not evidence.refusal(folder):
        evidence.verify(folder)
    return evidence.load(folder)


def differences(stored: Verdict, now: Verdict) -> list[str]:
    """What two judgements of one drill disagree in, in words."""
    names = dict.fromkeys(finding.name for verdict in (stored, now) for finding in verdict.findings)
    told = [
        f"{name}: stored {_said(stored, name)}, now {_said(now, name)}"
        for name in names
        if stored.finding(name) != now.finding(name)
    ]
    told += [f"{what}: the figures differ" for what in ("rto", "rpo") if getattr(stored, what) != getattr(now, what)]
    if stored.known_gap != now.known_gap:
        told.append("known gap: its status differs")
    return told or (["the findings come in another order"] if stored != now else [])


def check_seal(folder: Path) -> None:
    """Say that a bundle is untouched. Raises BundleDamaged, or EvidenceError for what is no sealed bundle."""
    evidence.verify(folder)
    manifest = evidence.read_manifest(folder)
    print(f"{folder}: {len(manifest.files)} files as they were sealed on {manifest.sealed}, {manifest.hash}")


def _said(verdict: Verdict, name: str) -> str:
    finding = verdict.finding(name)
    return f"{finding.outcome.name} ({finding.detail})" if finding else "nothing"
