"""What can be done with evidence afterwards: verify, judge again, draw again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from harness.cli import main
from harness.evidence.bundle import EVENTS, VERDICT
from tests.golden.story import FAIL, PASS, sealed


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


def test_judging_again_gives_the_same(bundle: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rejudge", str(bundle), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["verdict"], said["stored_verdict"], said["differs"]) == ("PASS", "PASS", False)


def test_a_verdict_that_was_forged_is_found_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Judging goes by events and ledger: a stored verdict made better does not help."""
    bundle = sealed(tmp_path / "a-drill", FAIL).folder
    stored = bundle / VERDICT
    stored.chmod(0o644)
    stored.write_text(stored.read_text().replace('"FAIL"', '"PASS"'))
    assert main(["rejudge", str(bundle), "--json"]) == 1
    said = json.loads(capsys.readouterr().out)
    assert (said["verdict"], said["stored_verdict"], said["differs"]) == ("FAIL", "PASS", True)
    assert main(["rejudge", str(bundle)]) == 1
    assert "stored PASS" in capsys.readouterr().out


def test_a_verdict_made_worse_differs_too(bundle: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The evidence says PASS, and yet the command must not end with 0."""
    (bundle / VERDICT).chmod(0o644)
    (bundle / VERDICT).write_text((bundle / VERDICT).read_text().replace('"PASS"', '"FAIL"'))
    assert main(["rejudge", str(bundle), "--json"]) == 1
    said = json.loads(capsys.readouterr().out)
    assert (said["verdict"], said["stored_verdict"]) == ("PASS", "FAIL")


def test_a_scorecard_is_drawn_beside_the_bundle(bundle: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The bundle itself stays as it was sealed."""
    assert main(["report", str(bundle)]) == 0
    page = Path(capsys.readouterr().out.strip())
    assert page.parent == bundle.parent
    assert "<html" in page.read_text()
    assert main(["verify", str(bundle)]) == 0
