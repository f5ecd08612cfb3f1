"""The exit code and the JSON object come from the bundles, and a drill that left none proves nothing."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from harness.cli import results
from harness.cli.catalogue import Entry
from harness.evidence import verify
from harness.objectives import Fidelity, Objectives, Outcome
from harness.verdict import Finding, GapStatus, KnownGap, Verdict
from tests.golden.story import FAIL, INCONCLUSIVE, PASS, Story, sealed, write

KEYS = {
    "name", "verdict", "known_gap", "environment", "operator", "rto", "rpo", "findings", "api_calls", "wall_seconds",
    "evidence",
}  # fmt: skip
RTO_KEYS = {"seconds", "low", "high", "phases", "objective_seconds", "rehearsal_seconds"}
RPO_KEYS = {
    "seconds", "lost", "acknowledged", "unknown", "exposure_seconds", "objective_seconds", "rehearsal_seconds",
}  # fmt: skip


def entry(name: str = "a-drill") -> Entry:
    """As much of a catalogue entry as a result needs."""
    spec = SimpleNamespace(rehearsal_rto=timedelta(seconds=10), rehearsal_rpo=timedelta(seconds=1))
    promised = Objectives(timedelta(hours=4), timedelta(hours=1))
    return cast(Entry, SimpleNamespace(name=name, spec=spec, objectives=promised))


def collect(folder: Path) -> results.Result:
    return results.collect(entry(), folder, environment="embedded", operator="automation", why="pytest ended with 1")


def with_verdict(result: results.Result, *outcomes: Outcome, gap: KnownGap | None = None) -> results.Result:
    findings = tuple(Finding(f"f{n}", outcome, Fidelity.REAL, "") for n, outcome in enumerate(outcomes))
    return replace(result, verdict=Verdict(findings, known_gap=gap))


@pytest.mark.parametrize(("story", "code"), [(PASS, 0), (FAIL, 1), (INCONCLUSIVE, 2)])
def test_the_exit_code_is_that_of_the_sealed_verdict(tmp_path: Path, story: Story, code: int) -> None:
    bundle = sealed(tmp_path / "drill", story)
    assert results.exit_code([collect(bundle.folder)]) == code


def test_the_object_has_exactly_the_promised_keys(tmp_path: Path) -> None:
    """Pipelines rely on these names; the object is plain JSON."""
    said: dict[str, Any] = json.loads(json.dumps(results.as_json([collect(sealed(tmp_path / "drill", FAIL).folder)])))
    assert (set(said), said["schema"], said["verdict"]) == ({"schema", "verdict", "drills"}, 1, "FAIL")
    (drill,) = said["drills"]
    assert (set(drill), set(drill["rto"]), set(drill["rpo"])) == (KEYS, RTO_KEYS, RPO_KEYS)
    assert drill["findings"][0].keys() == {"name", "outcome", "fidelity", "detail"}
    assert drill["evidence"] == str(tmp_path / "drill")
    assert drill["wall_seconds"] > 0


def test_a_drill_that_left_nothing_is_inconclusive_in_the_same_shape(tmp_path: Path) -> None:
    """A missing bundle is never a pass, and the promised figures are told all the same."""
    nothing = collect(tmp_path / "never-written")
    (drill,) = results.as_json([nothing])["drills"]
    assert (drill["verdict"], results.exit_code([nothing])) == ("INCONCLUSIVE", 2)
    assert (set(drill), set(drill["rto"]), set(drill["rpo"])) == (KEYS, RTO_KEYS, RPO_KEYS)
    assert (drill["rto"]["seconds"], drill["rto"]["objective_seconds"], drill["evidence"]) == (None, 14400.0, None)
    assert "pytest ended with 1" in drill["findings"][0]["detail"]


def test_what_a_killed_drill_left_is_sealed_and_never_a_pass(tmp_path: Path) -> None:
    """A drill whose process was killed has a log and no verdict: the evidence is completed, the verdict no better."""
    result = collect(write(tmp_path / "drill", PASS))
    assert result.verdict.outcome is not Outcome.PASS
    verify(tmp_path / "drill")


def test_the_worst_drill_decides(tmp_path: Path) -> None:
    """FAIL beats INCONCLUSIVE beats PASS, in whatever order."""
    base = collect(tmp_path)
    drills = [with_verdict(base, outcome) for outcome in (Outcome.INCONCLUSIVE, Outcome.FAIL, Outcome.PASS)]
    assert (results.worst(drills), results.exit_code(drills)) == (Outcome.FAIL, 1)
    assert results.exit_code(drills[::2]) == 2


@pytest.mark.parametrize(
    ("gap", "outcomes", "code"),
    [
        (KnownGap("f0", GapStatus.PRESENT), (Outcome.FAIL, Outcome.PASS), 0),
        (KnownGap("f0", GapStatus.PRESENT), (Outcome.FAIL, Outcome.FAIL), 1),
        (KnownGap("f0", GapStatus.EXPIRED), (Outcome.FAIL, Outcome.PASS), 1),
        (KnownGap("f0", GapStatus.GONE), (Outcome.PASS, Outcome.PASS), 1),
    ],
)
def test_a_known_gap_excuses_exactly_its_own_finding(
    tmp_path: Path, gap: KnownGap, outcomes: tuple[Outcome, ...], code: int
) -> None:
    """The verdict stays what it is; only the exit code knows of the gap."""
    result = with_verdict(collect(tmp_path), *outcomes, gap=gap)
    assert results.exit_code([result]) == code
    (drill,) = results.as_json([result])["drills"]
    assert drill["verdict"] == max(outcomes).name
    assert drill["known_gap"] == {"finding": "f0", "status": gap.status.value}


def test_no_drill_is_no_pass() -> None:
    assert results.exit_code([]) == 2
