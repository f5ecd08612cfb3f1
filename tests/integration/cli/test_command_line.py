"""The doors of the command line: quick help, the catalogue, the doctor, and errors without tracebacks."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from harness.cli import listing, main

HEAVY = ("pydantic", "numpy", "boto3", "botocore", "moto", "pytest", "harness.facts", "harness.config")


def test_the_command_line_starts_light() -> None:
    """`drill --help` loads none of what a drill needs."""
    program = f"import sys, harness.cli.app; print([name for name in {HEAVY!r} if name in sys.modules])"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"


@pytest.mark.parametrize("arguments", [["--help"], ["run", "-h"], ["cloud", "up", "--help"]])
def test_help_ends_with_0(arguments: list[str]) -> None:
    assert main(arguments) == 0


@pytest.mark.parametrize("arguments", [["nonsense"], ["cloud", "down"], ["verify"], ["list", "--jsn"]])
def test_bad_usage_ends_with_4_and_a_hint(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """The same two lines as any other error: the fact, and where the command's help is."""
    assert main(arguments) == 4
    fact, hint = capsys.readouterr().err.splitlines()
    assert fact[0].islower()
    assert hint.startswith("HINT: drill ")


def test_it_tells_its_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("drill ")


def test_an_out_that_names_nothing_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """It would be the folder where one is."""
    assert main(["run", "--out", ""]) == 4
    assert "--out names no folder" in capsys.readouterr().err


def test_the_catalogue_is_one_object(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list", "--json"]) == 0
    drills = {drill["name"]: drill for drill in json.loads(capsys.readouterr().out)["drills"]}
    drill = drills["database-promote-replica"]
    assert (drill["severity"], drill["objectives"]) == (
        "sev-0", {"rto_seconds": 14400.0, "rpo_seconds": 3600.0, "availability": 0.999},
    )  # fmt: skip
    assert "monthly" in drill["tags"]


def test_a_tag_nobody_carries_is_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list", "--tag", "nonsense"]) == 4
    assert "no drill carries the tag nonsense" in capsys.readouterr().err


def test_the_doctor_says_whether_a_drill_can_run(capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code and `ready` agree."""
    code = main(["doctor", "--json"])
    said = json.loads(capsys.readouterr().out)
    assert said["ready"] is (code == 0)
    assert {"Python", "PostgreSQL", "Envoy", "loopback"} <= {check["name"] for check in said["checks"]}


def test_an_unreadable_setting_is_a_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DRILL_PACE", "fast")
    assert main(["list"]) == 4
    told = capsys.readouterr().err
    assert "DRILL_PACE is 'fast'" in told
    assert "HINT: Give a number from 0" in told


@pytest.mark.parametrize(
    ("variable", "value", "name"), [("DRILL_PACE", "nan", "settings"), ("DRILL_ESTATE", "/nowhere.toml", "estate")]
)
def test_the_doctor_tells_bad_settings_and_a_bad_estate_among_the_rest(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], variable: str, value: str, name: str
) -> None:
    """Each is a line with its remedy, and no drill can run; all else is looked at as well."""
    monkeypatch.setenv(variable, value)
    assert main(["doctor", "--json"]) == 2
    checks = {check["name"]: check for check in json.loads(capsys.readouterr().out)["checks"]}
    assert checks[name]["state"] == "wrong"
    assert checks[name]["remedy"]
    assert checks["Python"]["state"] == "ok"


def test_the_catalogue_is_not_shown_beside_a_bad_estate(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DRILL_ESTATE", "/nowhere.toml")
    assert main(["list"]) == 4
    said = capsys.readouterr()
    assert said.out == ""
    assert "/nowhere.toml cannot be read" in said.err


@pytest.mark.parametrize("pace", ["nan", "inf", "-1", "1.5", "fast", ""])
def test_a_pace_is_a_number_from_0_to_1(capsys: pytest.CaptureFixture[str], pace: str) -> None:
    """Nothing is later than nan, so a drill at that pace would never end."""
    assert main(["run", "--dry-run", "--pace", pace]) == 4
    assert capsys.readouterr().err == (
        f"a pace of {pace!r} is impossible\nHINT: Give --pace a number from 0 (at once) to 1 (real time).\n"
    )


@pytest.mark.parametrize(("debug", "traced"), [("0", False), ("1", True)])
def test_an_error_that_should_not_happen_is_two_lines(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], debug: str, traced: bool
) -> None:
    """People get a sentence, a hint and exit code 2; the traceback is for whoever asks for it."""

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("out of cheese")

    monkeypatch.setattr(listing, "show", broken)
    monkeypatch.setenv("DRILL_DEBUG", debug)
    assert main(["list"]) == 2
    told = capsys.readouterr().err
    assert "RuntimeError: out of cheese\nHINT: " in told
    assert ("Traceback" in told) is traced
