"""What can be done with evidence afterwards: verify, judge again, draw again."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from harness.cli import main
from harness.cli.salvaging import seal_what_is_left
from harness.events import read_events
from harness.evidence import seal
from harness.evidence.bundle import EVENTS, VERDICT
from harness.measure import measure
from harness.objectives import Outcome
from harness.record import facts_of
from harness.verdict import judge
from tests.golden.story import FAIL, PASS, Story, sealed, write


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    return sealed(tmp_path / "a-drill", PASS).folder


def test_an_untouched_bundle_verifies(bundle: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", str(bundle)]) == 0
    assert "as they were sealed" in capsys.readouterr().out


def test_an_altered_bundle_ends_with_1_and_names_the_file(bundle: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (bundle / EVENTS).chmod(0o644)
    (bundle / EVENTS).write_text("")
    assert main(["verify", str(bundle)]) == 1
    assert "events.jsonl is altered" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["verify", "rejudge", "report"])
def test_what_is_no_bundle_ends_with_4(tmp_path: Path, command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([command, str(tmp_path / "nothing")]) == 4
    assert "HINT: " in capsys.readouterr().err


@pytest.mark.parametrize("command", ["verify", "rejudge", "report"])
def test_a_killed_drill_left_no_bundle(bundle: Path, command: str, capsys: pytest.CaptureFixture[str]) -> None:
    """One fact without the system's numbers, and why such a folder may be there."""
    for name in ("manifest.json", "record.json"):
        (bundle / name).unlink()
    assert main([command, str(bundle)]) == 4
    fact, hint = capsys.readouterr().err.splitlines()
    assert fact == f"{bundle} is not a sealed bundle: it has no manifest.json"
    assert "A drill that was killed leaves one without a manifest" in hint


def test_a_scorecard_that_cannot_be_written_is_a_sentence(bundle: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A folder lies where the page is to be, for nobody keeps root out of a folder."""
    bundle.with_name(f"{bundle.name}.html").mkdir()
    assert main(["report", str(bundle)]) == 4
    fact, hint = capsys.readouterr().err.splitlines()
    assert fact.startswith(f"no scorecard can be written to {bundle.parent}: ")
    assert hint.startswith("HINT: Copy the bundle")


def test_judging_again_gives_the_same(bundle: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rejudge", str(bundle), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["verdict"], said["stored_verdict"], said["differs"]) == ("PASS", "PASS", False)


@pytest.mark.parametrize("command", ["rejudge", "report"])
@pytest.mark.parametrize("file", [EVENTS, VERDICT, "ledger/readback.bin"])
def test_an_altered_bundle_is_neither_judged_nor_drawn(
    bundle: Path, command: str, file: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 1, the file named, no verdict told and no page drawn."""
    altered = bundle / file
    altered.chmod(0o644)
    altered.write_bytes(altered.read_bytes().replace(b"e", b"E", 1) + b"\n")
    assert main([command, str(bundle)]) == 1
    said = capsys.readouterr()
    assert f"{file} is altered" in said.err
    assert (said.out, [path.name for path in bundle.parent.iterdir()]) == ("", [bundle.name])


@pytest.mark.parametrize(("story", "forged"), [(FAIL, "PASS"), (PASS, "FAIL")])
def test_a_verdict_that_its_evidence_does_not_give_is_found_out(
    tmp_path: Path, story: Story, forged: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Judging goes by events and ledger: a verdict made better or worse before the seal does not end with its code."""
    folder = write(tmp_path / "a-drill", story)
    record = measure(folder, facts_of(read_events(folder / EVENTS)))
    honest = judge(record)
    findings = tuple(replace(finding, outcome=Outcome[forged]) for finding in honest.findings)
    seal(folder, record, replace(honest, findings=findings), config={}, logs=())
    assert main(["rejudge", str(folder), "--json"]) == 1
    said = json.loads(capsys.readouterr().out)
    assert (said["verdict"], said["stored_verdict"], said["differs"]) == (honest.outcome.name, forged, True)
    assert main(["rejudge", str(folder)]) == 1
    assert f"stored {forged}" in capsys.readouterr().out


def test_what_a_killed_drill_left_is_judged_and_drawn(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The command that salvages it seals it, so that it is evidence like any other."""
    folder = write(tmp_path / "a-drill", PASS)
    seal_what_is_left(folder, tmp_path, "pytest ended with -9")
    assert main(["rejudge", str(folder), "--json"]) == 2
    assert json.loads(capsys.readouterr().out)["differs"] is False
    assert main(["report", str(folder)]) == 0


def test_a_scorecard_is_drawn_beside_the_bundle(bundle: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The bundle itself stays as it was sealed."""
    assert main(["report", str(bundle)]) == 0
    page = Path(capsys.readouterr().out.strip())
    assert page.parent == bundle.parent
    assert "<html" in page.read_text()
    assert main(["verify", str(bundle)]) == 0
