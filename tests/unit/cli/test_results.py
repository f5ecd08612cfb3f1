"""The exit code and the JSON object come from the bundles, and a drill that left none proves nothing."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from harness.cli import results
from harness.cli.bundles import judge_again, write_scorecards
from harness.cli.catalogue import Entry
from harness.errors import BundleDamaged, EvidenceError
from harness.events import EventLog, read_events
from harness.evidence import load, read_manifest, salvage, seal, verify
from harness.evidence.manifest import Sealed, write_manifest
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
    spec = SimpleNamespace(rehearsal_rto=timedelta(seconds=6), rehearsal_rpo=timedelta(seconds=1), times_recovery=True)
    promised = Objectives(timedelta(hours=4), timedelta(hours=1))
    return cast(Entry, SimpleNamespace(name=name, spec=spec, objectives=promised))


def collect(folder: Path, said: str | None = "passed\n", code: int = 0) -> results.Result:
    """The result of what lies in a folder, where pytest left that word of it and ended with that code."""
    if said is not None:
        results.told_by_pytest(folder).write_text(said)
    where: dict[str, Any] = {"environment": "embedded", "operator": "automation", "work_dir": folder.parent}
    ending = results.Ending(code, f"pytest ended with {code}")
    return results.collect(entry(), folder, ending=ending, specified=specified, **where)


def specified(told: DrillStarted) -> DrillStarted:
    """What a story is judged by; whatever else a bundle tells of itself is as it is told."""
    of = terms(replace(PASS, drill=told.drill))
    judged = ("objectives", "rehearsal_rto", "rehearsal_rpo", "promises", "planned_steps", "signals", "fault_lasts")
    return replace(told, **{name: getattr(of, name) for name in judged})


@pytest.mark.parametrize(
    "changed",
    [
        {"objectives": Objectives(timedelta(hours=8), timedelta(hours=1))},
        {"objectives": Objectives(timedelta(hours=4), timedelta(hours=2))},
        {"rehearsal_rto": timedelta(seconds=60)},
        {"rehearsal_rpo": timedelta(seconds=60)},
        {"promises": ()},
        {"planned_steps": ("promote the read replica",)},
        {"signals": ("anything",)},
        {"fault_lasts": False},
    ],
)
def test_a_verdict_by_other_terms_than_the_drills_is_no_pass(tmp_path: Path, changed: dict[str, Any]) -> None:
    """Softer terms than the feature's and the specification's prove nothing about them."""
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


@pytest.mark.parametrize(
    ("said", "code", "told"),
    [
        (None, 0, "never said how its scenario ended"),
        ("", 1, "never said how its scenario ended"),
        ("failed\n", 1, "a sentence of its scenario failed"),
        ("passed\nfailed\n", 1, "a sentence of its scenario failed"),
        ("passed\npassed\n", 0, "ended its scenario 2 times"),
        (None, -9, "pytest ended with -9"),
        ("passed\n", -9, "pytest ended with -9"),
        ("passed\n", 2, "pytest ended with 2"),
        ("passed\n", 3, "pytest ended with 3"),
        ("passed\n", 5, "pytest ended with 5"),
    ],
)
def test_a_pass_that_pytest_did_not_say_is_in_doubt(tmp_path: Path, said: str | None, code: int, told: str) -> None:
    """Silence is no agreement: pytest has to say that the scenario passed, once, and to end by itself."""
    folder = sealed(tmp_path / "drill", replace(PASS, drill="a-drill")).folder
    result = collect(folder, said, code)
    assert (result.verdict.outcome, results.exit_code([result])) == (Outcome.INCONCLUSIVE, 2)
    assert told in result.verdict.findings[-1].detail
    assert result.whole


def test_a_pass_beside_a_drill_that_failed_is_one(tmp_path: Path) -> None:
    """One pytest rehearses several drills: that it ends with 1 says nothing of this one."""
    folder = sealed(tmp_path / "drill", replace(PASS, drill="a-drill")).folder
    assert results.exit_code([collect(folder, "passed\n", 1)]) == 0


def test_what_is_no_pass_stays_what_it_is(tmp_path: Path) -> None:
    folder = sealed(tmp_path / "drill", replace(FAIL, drill="a-drill")).folder
    assert results.exit_code([collect(folder, None, -9)]) == 1


@pytest.mark.parametrize("name", ["verdict.json", "record.json"])
def test_a_forgery_that_fits_its_manifest_is_no_pass(tmp_path: Path, name: str) -> None:
    """Hashes can be made anew: what is stored must be what the events and the ledger give."""
    folder = sealed(tmp_path / "drill", replace(FAIL, drill="a-drill")).folder
    better = sealed(tmp_path / "better", replace(PASS, drill="a-drill")).folder
    reseal(folder, name, (better / name).read_bytes())
    verify(folder)
    result = collect(folder)
    assert (result.verdict.outcome, result.whole) == (Outcome.INCONCLUSIVE, False)
    assert f"{name} is not what its events and ledger give" in result.verdict.findings[0].detail
    with pytest.raises(BundleDamaged, match="is not what its events"):
        write_scorecards([folder])


@pytest.mark.parametrize(
    ("name", "was", "becomes"),
    [
        ("timeline.json", r"(?s)\A.*\Z", "[]"),
        ("timeline.json", r'"left_over": \[[^]]*\]', '"left_over": []'),
        ("calls.jsonl", r"(?s)\A.*\Z", ""),
        ("calls.jsonl", r"(?s)\A.*\Z", "[]"),
        ("calls.jsonl", '"mutates":true,', '"mutates":false,'),
        ("calls.jsonl", '"mutates":true,', ""),
        ("record.json", '"lost": 290', '"lost": 0'),
        ("record.json", '"api_calls": [0-9]+', '"api_calls": 0'),
        ("record.json", '"severity": "sev-0"', '"severity": "sev-3"'),
        ("record.json", '"seed_digest": "[^"]+"', '"seed_digest": "as before"'),
    ],
)
def test_a_document_that_its_events_do_not_give_is_refused_everywhere(
    tmp_path: Path, name: str, was: str, becomes: str
) -> None:
    """Whatever people read in a bundle is what its events and ledger give; a new manifest does not make it so."""
    folder = sealed(tmp_path / "drill", replace(FAIL, drill="a-drill")).folder
    text = (folder / name).read_text()
    forged = re.sub(was, becomes, text, count=1)
    assert forged != text
    reseal(folder, name, forged.encode())
    verify(folder)
    for command in (lambda: judge_again(folder, as_json=True), lambda: write_scorecards([folder])):
        with pytest.raises(BundleDamaged, match=f"{name} is not what its events and ledger give"):
            command()
    assert not collect(folder).whole


def test_documents_of_before_a_field_was_added_are_what_their_events_give(tmp_path: Path) -> None:
    """A field that came later is not in them; where it says what it always says, nothing is missing."""
    folder = sealed(tmp_path / "drill", replace(PASS, drill="a-drill")).folder
    lines = [json.loads(line) for line in (folder / "calls.jsonl").read_text().splitlines()]
    shorter = [{name: value for name, value in line.items() if name != "states" or value} for line in lines]
    assert shorter != lines
    reseal(folder, "calls.jsonl", "".join(f"{json.dumps(line)}\n" for line in shorter).encode())
    assert results.exit_code([collect(folder)]) == 0


def test_a_pass_that_cannot_be_judged_again_is_none(tmp_path: Path) -> None:
    folder = sealed(tmp_path / "drill", replace(PASS, drill="a-drill")).folder
    ledger = next((folder / "ledger").glob("visitor*"))
    reseal(folder, f"ledger/{ledger.name}", b"x")
    assert collect(folder).verdict.outcome is Outcome.INCONCLUSIVE


def reseal(folder: Path, name: str, content: bytes) -> None:
    """Put other content into a sealed bundle and make its manifest fit."""
    (folder / name).chmod(0o644)
    (folder / name).write_bytes(content)
    old = read_manifest(folder)
    forged = Sealed(hashlib.sha256(content).hexdigest(), len(content))
    (folder / "manifest.json").unlink()
    write_manifest(folder, replace(old, files={**old.files, name: forged}))


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
    assert "pytest ended with 0" in drill["findings"][0]["detail"]


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
