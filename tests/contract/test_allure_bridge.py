"""The bridge drives allure-pytest through half-private names; these tests read the files that Allure will read."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.golden.story import FAIL, PASS, sealed

ROOT = Path(__file__).parents[2]
FEATURE = """\
@sev-0 @database
Feature: Losing the primary database
  A promise.

  Background:
    Given these objectives:
      | RTO | 4 hours |
      | RPO | 1 hour  |

  Scenario: The replica takes over
    Given the "promote" drill with a password
    When the recovery procedure is performed
    Then it is met
      \"\"\"
      a doc string
      \"\"\"

  @sev-2
  Scenario: It fails half way
    Given the "other" drill with a password
    When it goes wrong
    Then it is met
    And it is met

  Scenario: It is given up
    When it is skipped
    Then it is met

  Rule: Never twice
    Scenario Outline: The <n> time
      Given the "<n>" drill with a password

      Examples:
        | n     |
        | first |
        | last  |

  Scenario: It is asynchronous
    When it is awaited
"""
UNWRITTEN = """\
Feature: Losing the primary
  Scenario: It has a sentence nobody wrote
    When nobody wrote this
    Then it is met
"""
STEPS = """\
import time
import pytest
from pathlib import Path
from pytest_bdd import given, parsers, scenarios, then, when
from steps import allure_bridge

scenarios("features")

class Login:
    def __repr__(self): return "Login(password='hunter2')"

@pytest.fixture
def login(): return Login()

@given("these objectives:")
def objectives(datatable): pass

@given(parsers.parse('the "{name}" drill with a password'), target_fixture="drill")
def drill(name, login, request):
    def close():
        bundle = Path("bundle")
        if bundle.exists() and name == "promote":
            allure_bridge.attach_drill(request.node, bundle, [("The runbook", "docs/runbook.md#a")])
    request.addfinalizer(close)
    return name

@when("the recovery procedure is performed")
def recovery(drill): pass

@when("it goes wrong")
def wrong(): assert False, "INCONCLUSIVE fault: nobody felt it"

@when("it is skipped")
def skipped(): pytest.skip("no")

@when("it is awaited")
async def awaited(): pass

@then("it is met")
def met(): pass
"""
INI = """\
[pytest]
addopts = -p steps.allure_bridge -p steps.guards --strict-markers
pythonpath = {root}
markers =
    sev-0: zero
    sev-2: two
    database: database
"""


class Project:
    """A tiny project with its own features, run in a process of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "features" / "database").mkdir(parents=True)
        (folder / "pytest.ini").write_text(INI.format(root=ROOT))
        (folder / "test_features.py").write_text(STEPS)
        self.feature(FEATURE)

    def feature(self, text: str) -> None:
        (self.folder / "features" / "database" / "lose.feature").write_text(text)

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments]
        return subprocess.run(command, cwd=self.folder, capture_output=True, text=True, timeout=120, check=False)

    def results(self, *arguments: str) -> dict[str, Any]:
        """The Allure results by name."""
        self.run("--alluredir", "results", *arguments)
        found = (json.loads(path.read_text()) for path in (self.folder / "results").glob("*-result.json"))
        return {result["name"]: result for result in found}

    def attached(self, result: dict[str, Any], name: str) -> bytes:
        source: str = next(a["source"] for a in result["attachments"] if a["name"] == name)
        return (self.folder / "results" / source).read_bytes()


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return Project(tmp_path_factory.mktemp("project"))


@pytest.fixture(scope="module")
def results(project: Project) -> dict[str, Any]:
    sealed(project.folder / "bundle", FAIL)
    return project.results()


def said(result: dict[str, Any]) -> list[tuple[str, str]]:
    return [(step["name"], step["status"]) for step in result["steps"]]


def labels(result: dict[str, Any], kind: str) -> list[str]:
    return [label["value"] for label in result["labels"] if label["name"] == kind]


def test_a_scenario_has_its_name_its_sentences_and_its_place(results: dict[str, Any]) -> None:
    result = results["The replica takes over"]

    assert said(result) == [
        ("Given these objectives:", "passed"),
        ('Given the "promote" drill with a password', "passed"),
        ("When the recovery procedure is performed", "passed"),
        ("Then it is met", "passed"),
    ]
    assert result["description"] == "A promise."
    assert result["titlePath"] == ["database", "Losing the primary database"]


def test_labels_come_from_tags_and_folders(results: dict[str, Any]) -> None:
    """The scenario's own severity is stronger than its feature's."""
    result = results["The replica takes over"]

    assert labels(result, "severity") == ["blocker"]
    assert labels(results["It fails half way"], "severity") == ["normal"]
    assert labels(result, "epic") == ["Database disaster recovery"]
    assert labels(result, "feature") == ["Losing the primary database"]
    assert labels(results["The first time"], "story") == ["Never twice"]
    assert {"sev-0", "database"} <= set(labels(result, "tag"))


def test_severities_select(project: Project) -> None:
    assert "1/6 tests collected (5 deselected)" in project.run("--allure-severities", "normal", "--collect-only").stdout


def test_tables_and_texts_are_attached_to_their_sentence(project: Project, results: dict[str, Any]) -> None:
    steps = results["The replica takes over"]["steps"]

    assert list(csv.reader(project.attached(steps[0], "table").decode().splitlines())) == [
        ["RTO", "4 hours"],
        ["RPO", "1 hour"],
    ]
    assert project.attached(steps[3], "text") == b"a doc string"


def test_only_what_the_sentence_says_is_a_parameter(project: Project, results: dict[str, Any]) -> None:
    """A fixture's repr may hold a password: it stands nowhere in the results."""
    assert results["The replica takes over"]["steps"][1]["parameters"] == [{"name": "name", "value": "promote"}]
    everything = b"".join(path.read_bytes() for path in (project.folder / "results").glob("*"))
    assert b"hunter2" not in everything


def test_a_failed_sentence_is_failed_and_the_rest_skipped(results: dict[str, Any]) -> None:
    result = results["It fails half way"]

    assert said(result)[2:] == [
        ("When it goes wrong", "failed"),
        ("Then it is met", "skipped"),
        ("And it is met", "skipped"),
    ]
    assert "nobody felt it" in result["steps"][2]["statusDetails"]["message"]


def test_a_skip_closes_its_sentence(results: dict[str, Any]) -> None:
    """pytest-bdd calls no hook for a skip."""
    assert said(results["It is given up"])[1:] == [("When it is skipped", "skipped"), ("Then it is met", "skipped")]


def test_a_sentence_without_a_step_is_broken(tmp_path: Path) -> None:
    """The guard refuses it before anything runs; whoever runs without the guard sees it in Allure."""
    project = Project(tmp_path)
    project.feature(UNWRITTEN)
    assert 'nothing defines "When nobody wrote this"' in project.run().stderr
    ini = tmp_path / "pytest.ini"
    ini.write_text(ini.read_text().replace("-p steps.guards", ""))
    assert said(project.results()["It has a sentence nobody wrote"]) == [
        ("When nobody wrote this", "broken"),
        ("Then it is met", "skipped"),
    ]


def test_an_async_step_cannot_pass(results: dict[str, Any]) -> None:
    """Without the guard it would never be awaited and pass."""
    result = results["It is asynchronous"]

    assert result["status"] == "broken"
    assert "never be awaited" in result["steps"][1]["statusDetails"]["message"]


def test_an_outline_shows_its_row(results: dict[str, Any]) -> None:
    assert results["The last time"]["parameters"] == [{"name": "n", "value": "last"}]
    assert said(results["The last time"])[1] == ('Given the "last" drill with a password', "passed")


def test_the_evidence_is_attached_after_the_drill_was_closed(project: Project, results: dict[str, Any]) -> None:
    result = results["The replica takes over"]

    assert project.attached(result, "timeline").startswith(b"<svg xmlns=")
    assert project.attached(result, "scorecard") == (project.folder / "bundle.html").read_bytes()
    assert project.attached(result, "scorecard").startswith(b"<!doctype html>")
    assert json.loads(project.attached(result, "measurements"))["outcome"] == "FAIL"
    assert b"PromoteReadReplica" in project.attached(result, "API calls")
    assert b"checkpoint complete" in project.attached(result, "log: postgres-primary.log")
    assert result["links"] == [{"type": "link", "url": "docs/runbook.md#a", "name": "The runbook"}]
    assert "FAIL" in result["descriptionHtml"]


def test_the_procedure_stands_under_its_sentence_with_its_own_times(results: dict[str, Any]) -> None:
    """The golden drill ran at another time, so its steps go to the sentence that performs the recovery."""
    steps = results["The replica takes over"]["steps"][2]["steps"]

    assert [step["name"] for step in steps][1:3] == ["look at the replica's lag", "promote the read replica"]
    assert all(step["stop"] > step["start"] for step in steps)
    assert 7000 < steps[-1]["stop"] - steps[0]["start"] < 9000
    assert {"name": "part", "value": "execute"} in steps[2]["parameters"]


def test_the_run_says_where_it_ran_and_how_failures_are_sorted(project: Project, results: dict[str, Any]) -> None:
    assert results
    folder = project.folder / "results"

    assert "moto = " in (folder / "environment.properties").read_text()
    assert json.loads((folder / "executor.json").read_text())["name"]
    assert json.loads((folder / "categories.json").read_text())[-1]["name"] == "A fault of the harness"


def test_step_definitions_are_not_shown_as_fixtures(project: Project, results: dict[str, Any]) -> None:
    assert results
    containers = [json.loads(path.read_text()) for path in (project.folder / "results").glob("*-container.json")]

    assert all(container.get("befores") or container.get("afters") for container in containers)
    assert "pytestbdd" not in json.dumps(containers)


def test_it_is_silent_without_alluredir(tmp_path: Path) -> None:
    """The same verdicts, and no file."""
    project = Project(tmp_path)
    sealed(project.folder / "bundle", PASS)
    before = set(tmp_path.rglob("*.*"))
    done = project.run()

    assert "3 passed" in done.stdout
    assert {path for path in set(tmp_path.rglob("*.*")) - before if path.suffix != ".pyc"} == set()


def test_workers_and_controller_write_one_run(tmp_path: Path) -> None:
    project = Project(tmp_path)
    results = project.results("-n", "1", "-k", "time or replica")

    assert set(results) == {"The replica takes over", "The first time", "The last time"}
    assert (tmp_path / "results" / "categories.json").exists()


DOUBLE = "Feature: f\n  Scenario: same\n    When it is met\n  Rule: r\n    Scenario: same\n      Then it is met\n"
TAGGED = "Feature: g\n  Scenario Outline: o\n    Then it is met\n    @sev-0\n    Examples:\n      | n |\n      | 1 |\n"
UNDECLARED = "Feature: f\n  @sev-7\n  Scenario: s\n    Then it is met\n"


def test_two_scenarios_of_one_name_and_tags_on_examples_are_refused(tmp_path: Path) -> None:
    """pytest-bdd would drop the one without a word, and let the other pass by every handling of tags."""
    project = Project(tmp_path)
    project.feature(DOUBLE)
    (project.folder / "features" / "tagged.feature").write_text(TAGGED)
    done = project.run()

    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert 'lose.feature: 2 scenarios are named "same", only the last would run' in done.stderr
    assert "tagged.feature:5: Examples carry tags (@sev-0)" in done.stderr


def test_a_tag_that_is_not_declared_is_an_error_at_collection(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.feature(UNDECLARED)
    done = project.run()

    assert done.returncode == pytest.ExitCode.INTERRUPTED
    assert "'sev-7' not found in `markers`" in done.stdout
