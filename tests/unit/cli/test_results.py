"""The exit code and the JSON object come from the bundles, and a drill that left none proves nothing."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from harness.cli import results
from harness.cli.catalogue import Entry
from harness.errors import EvidenceError
from harness.events import EventLog, read_events
from harness.evidence import load, salvage, seal, verify
from harness.facts import DrillStarted
from harness.measure import measure
from harness.objectives import Fidelity, Objectives, Outcome
from harness.record import facts_of
from harness.verdict import Finding, GapStatus, KnownGap, Verdict, judge
from tests.golden.story import FAIL, INCONCLUSIVE, PASS, Story, sealed, terms, write

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
    spec = SimpleNamespace(rehearsal_rto=timedelta(seconds=6), rehearsal_rpo=timedelta(seconds=1))
    promised = Objectives(timedelta(hours=4), timedelta(hours=1))
    return cast(Entry, SimpleNamespace(name=name, spec=spec, objectives=promised))


def collect(folder: Path) -> results.Result:
    where: dict[str, Any] = {"environment": "embedded", "operator": "automation", "work_dir": folder.parent}
    return results.collect(entry(), folder, why="pytest ended with 1", **where)


@pytest.mark.parametrize(
    "changed",
    [
        {"objectives": Objectives(timedelta(hours=8), timedelta(hours=1))},
        {"objectives": Objectives(timedelta(hours=4), timedelta(hours=2))},
        {"rehearsal_rto": timedelta(seconds=60)},
        {"rehearsal_rpo": timedelta(seconds=60)},
    ],
)
def test_a_verdict_by_other_terms_than_the_drills_is_no_pass(tmp_path: Path, changed: dict[str, Any]) -> None:
    """A softer promise or budget than the feature's and the specification's proves nothing about them."""
    folder = write(tmp_path / "drill", replace(PASS, drill="a-drill"))
    facts = [replace(event.fact, **changed) if isinstance(event.fact, DrillStarted) else event.fact
             for event in facts_of(read_events(folder / "events.jsonl"))]  # fmt: skip
    stamps = [event.at for event in facts_of(read_events(folder / "events.jsonl"))]
    (folder / "events.jsonl").unlink()
    log = EventLog(folder / "events.jsonl")
    for fact, at in zip(facts, stamps, strict=True):
        log.write(fact, at=at, durable=False)
    log.close()
    record = measure(folder, facts_of(read_events(folder / "events.jsonl")))
    seal(folder, record, judge(record), config={}, logs=())
    result = collect(folder)
    assert (result.verdict.outcome, results.exit_code([result])) == (Outcome.INCONCLUSIVE, 2)
    assert "was judged by other terms" in result.verdict.findings[0].detail


def with_verdict(result: results.Result, *outcomes: Outcome, gap: KnownGap | None = None) -> results.Result:
    findings = tuple(Finding(f"f{n}", outcome, Fidelity.REAL, "") for n, outcome in enumerate(outcomes))
    return replace(result, verdict=Verdict(findings, known_gap=gap))


@pytest.mark.parametrize(("story", "code"), [(PASS, 0), (FAIL, 1), (INCONCLUSIVE, 2)])
def test_the_exit_code_is_that_of_the_sealed_verdict(tmp_path: Path, story: Story, code: int) -> None:
    bundle = sealed(tmp_path / "drill", replace(story, drill="a-drill"))
    assert results.exit_code([collect(bundle.folder)]) == code


def test_the_object_has_exactly_the_promised_keys(tmp_path: Path) -> None:
    """Pipelines rely on these names; the object is plain JSON."""
    said: dict[str, Any] = json.loads(
        json.dumps(results.as_json([collect(sealed(tmp_path / "drill", replace(FAIL, drill="a-drill")).folder)]))
    )
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
    assert [drill["rpo"][key] for key in ("seconds", "lost", "acknowledged", "unknown")] == [None] * 4
    assert "pytest ended with 1" in drill["findings"][0]["detail"]


def test_what_a_killed_drill_left_is_sealed_and_never_a_pass(tmp_path: Path) -> None:
    """A drill whose process was killed has a log and no verdict: the evidence is completed, the verdict no better."""
    logs = tmp_path / f"labelmint-drill-run-{terms(PASS).run}" / "logs"
    logs.mkdir(parents=True)
    (logs / "load-balancer.log").write_text("nothing answers")
    (write(tmp_path / "drill", PASS) / "config.json").write_text('{"pace": 0.25}')
    result = collect(tmp_path / "drill")
    assert result.verdict.outcome is not Outcome.PASS
    verify(tmp_path / "drill")
    assert load(tmp_path / "drill").config == {"pace": 0.25}
    assert (tmp_path / "drill" / "logs" / "load-balancer.log").read_text() == "nothing answers"


def test_a_bundle_that_holds_a_secret_stays_unsealed(tmp_path: Path) -> None:
    """Who salvages does not know the secrets, and must not seal what was refused for one."""
    folder = write(tmp_path / "drill", PASS)
    with pytest.raises(EvidenceError, match="holds a secret"):
        seal(folder, *salvage(folder, "no login with topsecret"), config={}, logs=(), secrets=["topsecret"])
    result = collect(folder)
    assert (result.verdict.outcome, results.exit_code([result])) == (Outcome.INCONCLUSIVE, 2)
    assert re.search(r"was refused: \S+ holds a secret", result.verdict.findings[0].detail)
    assert not (folder / "manifest.json").exists()


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


@pytest.mark.parametrize(("met", "code"), [((2,), 2), ((4,), 4), ((2, 3), 3), ((4, 3), 3)])
def test_a_refusal_within_a_drill_is_the_exit_code(tmp_path: Path, met: tuple[int, ...], code: int) -> None:
    """The guard's before the settings', and both only where nothing failed."""
    proved_nothing = [replace(collect(tmp_path), problems=frozenset([one])) for one in met]
    assert results.exit_code(proved_nothing) == code
    assert results.exit_code([*proved_nothing, with_verdict(collect(tmp_path), Outcome.FAIL)]) == 1


def test_the_exit_codes_are_those_of_the_problems_on_file(tmp_path: Path) -> None:
    folder = write(tmp_path / "drill", replace(INCONCLUSIVE, drill="a-drill"))
    with (folder / "events.jsonl").open("a") as log:
        at = json.loads((folder / "events.jsonl").read_text().splitlines()[-1])
        fact = {"where": "recover", "error": "not one of ours", "exit_code": 3}
        log.write(json.dumps(at | {"kind": "Problem", "fact": fact}) + "\n")
    assert results.exit_code([collect(folder)]) == 3


def test_no_drill_is_no_pass() -> None:
    assert results.exit_code([]) == 2
