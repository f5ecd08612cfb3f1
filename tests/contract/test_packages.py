"""What is found by walking a package is all that it must be; nobody edits a registry, so nobody may forget one."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest

import harness.faults
import harness.recovery
import scenarios
from harness.cloud.discovery import service_classes
from harness.environments import environment_named, environments
from harness.operators import operator_named, operators
from harness.recovery.procedure import Procedure, Step
from harness.spec import DrillSpec


def _modules(package: ModuleType, *, but: tuple[str, ...] = ()) -> list[str]:
    return [m.name for m in pkgutil.iter_modules(package.__path__, f"{package.__name__}.") if m.name not in but]


def _own_classes(module: ModuleType) -> Iterator[Any]:
    for value in vars(module).values():
        if inspect.isclass(value) and value.__module__ == module.__name__:
            yield value


def _specs() -> list[DrillSpec]:
    return [importlib.import_module(name).DRILL for name in _modules(scenarios)]


@pytest.mark.parametrize("name", _modules(harness.faults, but=("harness.faults.fault",)))
def test_a_fault_says_what_it_needs_and_can_be_proved_and_healed(name: str) -> None:
    faults = [kind for kind in _own_classes(importlib.import_module(name)) if hasattr(kind, "inject")]
    assert faults, f"{name} holds no fault"
    for fault in faults:
        assert getattr(fault.needs, "_is_protocol", False), f"{fault.__name__}.needs is no capability"
        assert {"inject", "has_bitten", "heal"} <= set(dir(fault))
        assert fault.__doc__


@pytest.mark.parametrize("spec", _specs(), ids=lambda spec: spec.name)
def test_a_drill_is_named_after_its_file_and_its_procedure_cites_the_runbook(spec: DrillSpec) -> None:
    procedure: Procedure = spec.procedure
    steps = procedure.steps()
    assert all(isinstance(step, Step) and step.runbook for step in steps)
    assert len({step.name for step in steps}) == len(steps), "two steps of one name cannot be told apart"
    assert spec.runbook.split(" / ")[0] in {step.runbook.split(" / ")[0] for step in steps}


@pytest.mark.parametrize("name", _modules(harness.recovery))
def test_a_procedure_is_used_by_a_drill(name: str) -> None:
    procedures = [kind for kind in _own_classes(importlib.import_module(name)) if hasattr(kind, "steps")]
    used = {type(spec.procedure) for spec in _specs()}
    unused = [kind.__name__ for kind in procedures if kind not in used and not getattr(kind, "_is_protocol", False)]
    assert not unused


def test_every_service_of_the_cloud_is_named_as_botocore_names_it() -> None:
    from botocore.session import get_session

    assert {service.name for service in service_classes()} <= set(get_session().get_available_services())


def test_environments_and_operators_are_there_under_their_names() -> None:
    assert [environment_named(name) for name in environments()]
    assert [operator_named(name) for name in operators()]
