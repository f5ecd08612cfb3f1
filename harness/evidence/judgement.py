"""verdict.json: a verdict with its outcomes in words, for people and pipelines, and the way back."""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter

from harness.objectives import Outcome
from harness.verdict import Verdict

SCHEMA = 1


def verdict_json(verdict: Verdict) -> dict[str, Any]:
    """A verdict as plain data; `effective` is what the build sees, a declared gap considered."""
    plain = TypeAdapter(Verdict).dump_python(verdict, mode="json")
    findings = [{**finding, "outcome": Outcome(finding["outcome"]).name} for finding in plain["findings"]]
    words = {"schema": SCHEMA, "outcome": verdict.outcome.name, "effective": verdict.effective.name}
    return {**words, **plain, "findings": findings}


def verdict_of(plain: dict[str, Any]) -> Verdict:
    """The verdict that `verdict_json` wrote. Raises ValueError, KeyError or TypeError for anything else."""
    findings = [{**finding, "outcome": Outcome[finding["outcome"]]} for finding in plain["findings"]]
    return TypeAdapter(Verdict).validate_python({**plain, "findings": findings})
