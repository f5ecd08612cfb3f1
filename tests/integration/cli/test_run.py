"""`drill run` as a process: exit codes from the bundles, one JSON object, plain progress, early refusals."""

from __future__ import annotations

import json

import pytest

from harness.cli.claim import NAME as LOCK
from harness.cli.claim import claimed
from harness.evidence import verify
from tests.integration.cli.conftest import NAME, OTHER, Project


@pytest.mark.parametrize(
    ("story", "code", "verdict"), [("pass", 0, "PASS"), ("fail", 1, "FAIL"), ("inconclusive", 2, "INCONCLUSIVE")]
)
def test_the_exit_code_is_the_verdict_of_the_bundle(project: Project, story: str, code: int, verdict: str) -> None:
    """What was sealed counts, where pytest says the same. Nothing but the object is on standard output."""
    ran = project.drill("run", NAME, "--json", "--out", str(project.out), story=story)
    assert ran.returncode == code, ran.stderr
    said = json.loads(ran.stdout)
    (drill,) = said["drills"]
    assert (said["verdict"], drill["name"], drill["verdict"]) == (verdict, NAME, verdict)
    assert drill["evidence"] == str(project.out / NAME)
    assert "raising the estate" in ran.stderr


def test_a_run_for_people_tells_phases_verdict_and_where_everything_is(project: Project) -> None:
    """Without a terminal these are plain lines; what failed is told with its detail."""
    ran = project.drill("run", NAME, story="fail")
    for told in ("raising the estate", "struck: ", "FAIL", f"{NAME}: ", "/index.html", "allure-results"):
        assert told in ran.stdout
    assert "\x1b" not in ran.stdout
    latest = project.root / "reports/out/latest"
    assert (latest / "index.html").is_file()
    assert (latest / f"{NAME}.html").is_file()
    verify(latest / NAME)


def test_drills_side_by_side_are_all_judged(project: Project) -> None:
    """Two workers are two pytest processes; the result lists every drill, in the order asked for."""
    ran = project.drill("run", OTHER, NAME, "--workers", "2", "--json", "--out", str(project.out))
    assert ran.returncode == 0, ran.stderr
    assert [drill["name"] for drill in json.loads(ran.stdout)["drills"]] == [OTHER, NAME]
    assert (project.out / "pytest-1.log").is_file()


def test_a_drill_whose_process_dies_is_inconclusive(project: Project) -> None:
    """No bundle, no verdict, no pass; the end of pytest's output is shown."""
    ran = project.drill("run", NAME, "--json", "--out", str(project.out), story="crash")
    assert ran.returncode == 2
    assert "left no verdict" in json.loads(ran.stdout)["drills"][0]["findings"][0]["detail"]
    assert "pytest.log ends with" in ran.stderr


def test_a_drill_whose_process_dies_after_it_sealed_a_pass_is_inconclusive(project: Project) -> None:
    """Nobody knows what pytest would have said of its sentences; no page is greener than that."""
    ran = project.drill("run", NAME, "--json", "--out", str(project.out), story="killed")
    assert (ran.returncode, json.loads(ran.stdout)["verdict"]) == (2, "INCONCLUSIVE")
    assert "pytest was killed" in json.loads(ran.stdout)["drills"][0]["findings"][-1]["detail"]
    for page in ("index.html", f"{NAME}.html"):
        assert "<title>INCONCLUSIVE: " in (project.out / page).read_text()


def test_a_dry_run_prints_the_plan_and_starts_nothing(project: Project) -> None:
    ran = project.drill("run", NAME, "--dry-run", "--out", str(project.out), story="crash")
    assert ran.returncode == 0
    for told in (
        "promised 4 h",
        "LoseInstance on labelmintit-production-db-enhanced",
        "step 1 ",
        "nothing was started",
    ):
        assert told in ran.stdout
    assert not project.out.exists()


def test_evidence_of_an_earlier_run_is_never_overwritten(project: Project) -> None:
    (project.out / NAME).mkdir(parents=True)
    ran = project.drill("run", NAME, "--out", str(project.out))
    assert ran.returncode == 4
    assert "holds evidence" in ran.stderr


def test_two_runs_never_share_a_folder(project: Project) -> None:
    """While one rehearses there, another is refused and leaves nothing behind."""
    with claimed(project.out):
        ran = project.drill("run", NAME, "--out", str(project.out))
        assert ran.returncode == 4
        assert "another run is under way" in ran.stderr
        assert [path.name for path in project.out.iterdir()] == [LOCK]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["database-promote-replca"], "Did you mean database-promote-replica?"),
        (["--tag", "nonsense"], "no drill carries the tag nonsense"),
        (["--environment", "staging"], "the environment staging is not available yet"),
        (["--environment", "moon"], "there is no environment called moon"),
        (["--operator", "human"], "the operator human is not available yet"),
        (["--pace", "2"], "--pace"),
        (["--workers", "0"], "--workers"),
        (["--nonsense"], "--nonsense"),
    ],
)
def test_what_cannot_be_asked_for_ends_with_4(project: Project, arguments: list[str], told: str) -> None:
    """Each refusal is a sentence on standard error, before anything is started, and never a traceback."""
    ran = project.drill("run", *arguments, "--json")
    assert (ran.returncode, ran.stdout) == (4, "")
    assert told in ran.stderr
    assert "Traceback" not in ran.stderr
    assert not (project.root / "reports").exists()


@pytest.mark.parametrize(
    ("variable", "value", "told"),
    [
        ("DRILL_PACE", "fast", "DRILL_PACE"),
        ("DRILL_ESTATE", "nowhere.toml", "nowhere.toml cannot be read"),
        ("DRILL_OUT_DIR", "/proc/nowhere", "/proc/nowhere"),
        ("DRILL_WORK_DIR", "/proc/nowhere", "/proc/nowhere cannot be used"),
        ("DRILL_WORK_DIR", "/dev/null", "/dev/null cannot be used: Not a directory"),
        ("DRILL_CACHE_DIR", "/dev/null/cache", "/dev/null/cache cannot be used"),
        ("DRILL_POSTGRES_BIN", "/nonexistent", "/nonexistent holds no PostgreSQL programs"),
    ],
)
def test_a_setting_that_cannot_be_used_ends_with_4(project: Project, variable: str, value: str, told: str) -> None:
    project.env[variable] = value
    ran = project.drill("run", NAME)
    assert ran.returncode == 4
    assert told in ran.stderr
    assert "HINT: " in ran.stderr
    assert not (project.root / "reports").exists()


def test_a_broken_estate_file_names_the_place(project: Project) -> None:
    broken = project.root / "broken.toml"
    broken.write_text('name = "x"\nnonsense = 1\n')
    project.env["DRILL_ESTATE"] = str(broken)
    ran = project.drill("run", NAME)
    assert ran.returncode == 4
    assert "broken.toml: " in ran.stderr
    assert "HINT: " in ran.stderr


@pytest.mark.parametrize(
    ("feature", "told"),
    [
        ("Feature: x\n  Scenario: y\n    Given z\n    nonsense\n", "it is not Gherkin"),
        ('Feature: x\n  Scenario: y\n    Given the "no-such" drill in steady state\n', "states no objectives"),
        (
            "Feature: x\n  Background:\n    Given these recovery objectives:\n      | RTO | 4 hours |\n"
            '      | RPO | 1 hour |\n  Scenario: y\n    Given the "no-such" drill in steady state\n',
            "names an unknown drill, no-such",
        ),
    ],
)
def test_a_bad_feature_ends_with_4_and_names_the_place(project: Project, feature: str, told: str) -> None:
    (project.root / "features" / "bad.feature").write_text(feature)
    ran = project.drill("run", NAME)
    assert ran.returncode == 4
    assert "features/bad.feature" in ran.stderr
    assert told in ran.stderr
    assert "HINT: " in ran.stderr
