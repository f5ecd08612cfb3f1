"""A drill's evidence: a folder of plain files, sealed by a manifest of hashes, that can be checked and judged again.

events.jsonl    every fact, in order: the one source              ledger/*.bin   what each client sent and heard
record.json     what was measured, for people and for `load`      logs/*.log     the servers' logs, secrets redacted
verdict.json    the judgement                                     config.json    the effective configuration
timeline.json   what happened when, in seconds from the strike    versions.json  what it ran on
calls.jsonl     every AWS API call                                manifest.json  sha256 and size of all of these
"""

from __future__ import annotations

from harness.evidence.bundle import Bundle, judge_again, load, rejudge, require_same, salvage
from harness.evidence.manifest import Manifest, read_manifest, verify
from harness.evidence.refusal import refusal
from harness.evidence.seal import seal

__all__ = [
    "Bundle",
    "Manifest",
    "judge_again",
    "load",
    "read_manifest",
    "refusal",
    "rejudge",
    "require_same",
    "salvage",
    "seal",
    "verify",
]
