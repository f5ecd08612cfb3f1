"""What a whole run adds to its Allure results: where it ran, how failures are sorted, who started it."""

from __future__ import annotations

import json
import os
import platform
from pathlib import Path
from typing import Any

import allure_commons
import pytest
from allure_commons.model2 import TestResultContainer

CATEGORIES = [
    {"name": "A promise was broken", "matchedStatuses": ["failed"], "messageRegex": r"(?s).*\bFAIL\b.*"},
    {"name": "Nothing was proved", "matchedStatuses": ["failed"], "messageRegex": r"(?s).*\bINCONCLUSIVE\b.*"},
    {"name": "Refused by the guard", "messageRegex": r"(?s).*BlastRadiusRefused.*"},
    {
        "name": "The estate could not be raised",
        "messageRegex": r"(?s).*(EnvironmentFailed|ServerBinariesMissing|NoFreeAddress|MachineFailed|DiskFull).*",
    },
    {"name": "A sentence without a step", "messageRegex": r"(?s).*Step definition is not found.*"},
    {"name": "A fault of the harness", "matchedStatuses": ["broken"]},
]
"""Read by Allure from the top; the first that matches counts."""
_HIDDEN = ("pytestbdd_", "_pytest_bdd_")


class _NoStepDefinitions:
    """Step definitions are fixtures to pytest; in a report they are noise, dozens a test."""

    @allure_commons.hookimpl(tryfirst=True)
    def report_container(self, container: TestResultContainer) -> None:
        container.befores[:] = [before for before in container.befores if not before.name.startswith(_HIDDEN)]
        container.afters[:] = [after for after in container.afters if not after.name.startswith(_HIDDEN)]


def hide_step_definitions(config: pytest.Config) -> None:
    hider = _NoStepDefinitions()
    name = allure_commons.plugin_manager.register(hider)
    config.add_cleanup(lambda: allure_commons.plugin_manager.unregister(name=name) and None)


def write(config: pytest.Config) -> None:
    """Write the run's files beside the results, and drop the containers that hold nothing any more."""
    folder = Path(config.option.allure_report_dir).absolute()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "environment.properties").write_text(_properties(config), encoding="utf-8")
    (folder / "categories.json").write_text(json.dumps(CATEGORIES, indent=1), encoding="utf-8")
    (folder / "executor.json").write_text(json.dumps(_executor(), indent=1), encoding="utf-8")
    for path in folder.glob("*-container.json"):
        container = json.loads(path.read_text(encoding="utf-8"))
        if not container.get("befores") and not container.get("afters"):
            path.unlink()


def _properties(config: pytest.Config) -> str:
    from harness.evidence.versions import versions

    ran_on = versions()
    shown = {
        "environment": config.getoption("--environment", default=None),
        "operator": config.getoption("--operator", default=None),
        "pace": config.getoption("--pace", default=None),
        "python": ran_on["python"],
        "platform": ran_on["platform"],
        **ran_on["distributions"],
    }
    return "".join(f"{name} = {_escaped(str(value))}\n" for name, value in shown.items() if value is not None)


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace("\n", " ").encode("ascii", "backslashreplace").decode()


def _executor() -> dict[str, Any]:
    """The pipeline that ran this, or the machine."""
    if os.environ.get("GITHUB_ACTIONS") != "true":
        return {"name": platform.node() or "local", "type": "local", "buildName": "local run"}
    server, repository, run = (os.environ.get(f"GITHUB_{name}", "") for name in ("SERVER_URL", "REPOSITORY", "RUN_ID"))
    number = os.environ.get("GITHUB_RUN_NUMBER", "0")
    return {
        "name": "GitHub Actions",
        "type": "github",
        "buildName": f"{os.environ.get('GITHUB_WORKFLOW', 'workflow')} #{number}",
        "buildOrder": int(number) if number.isdigit() else 0,
        "buildUrl": f"{server}/{repository}/actions/runs/{run}",
    }
