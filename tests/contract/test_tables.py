"""What has to be named in several tables is named in all of them: a forgotten entry would only show in a verdict."""

from __future__ import annotations

import ast
import pkgutil
from importlib import import_module
from pathlib import Path

from harness import facts, verdict
from harness.aws import Actor
from harness.aws_rules.durations import OF_OPERATION
from harness.aws_rules.settling import SETTLES
from harness.cloud.services.ecs.registry import TAGS
from harness.facts import Promise
from harness.machines.application.releases import RELEASES
from harness.measure.restored import _RESTORES
from harness.verdict.judge import _OF_PROMISE

VERDICT = Path(verdict.__file__).parent


def judges() -> set[str]:
    """Every check that there is."""
    modules = [import_module(f"{verdict.__name__}.{found.name}") for found in pkgutil.iter_modules(verdict.__path__)]
    return {name for module in modules for name in vars(module) if name.startswith("judge_")}


def used_in(module: str) -> set[str]:
    """The names that a module of the verdict uses, beside those that it defines."""
    nodes = list(ast.walk(ast.parse((VERDICT / f"{module}.py").read_text())))
    plain = {node.id for node in nodes if isinstance(node, ast.Name)}
    return plain | {node.attr for node in nodes if isinstance(node, ast.Attribute)}


def test_every_restore_of_a_database_is_waited_for_measured_and_forecast() -> None:
    """What is not among the restores leaves no moment to compare with, and every write after it counts as lost."""
    restores = {name for name in SETTLES if name.startswith("Restore") or name == "StartRestoreJob"}
    assert len(restores) >= 3
    assert restores == set(_RESTORES)
    assert restores <= set(OF_OPERATION)


def test_every_promise_is_judged() -> None:
    assert set(_OF_PROMISE) == set(Promise)


def test_every_check_is_made_by_the_judge_or_by_that_of_a_watched_drill() -> None:
    """A check that nobody calls finds nothing."""
    assert len(judges()) > 20
    assert judges() - used_in("judge") - used_in("watched") - used_in("region") - used_in("application") == set()


def test_who_recovers_is_an_actor_with_a_key_of_its_own() -> None:
    """An operator's name that no key has would leave its calls out of the recovery."""
    assert set(Actor) >= facts.OPERATORS


def test_every_image_that_can_be_pulled_is_a_release_of_the_application() -> None:
    """One that is in the registry alone could not be started, and one that is not could not be deployed."""
    assert set(RELEASES) == TAGS
