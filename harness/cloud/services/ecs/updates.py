"""What UpdateService asks for, checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from harness.cloud.service import AwsError
from harness.cloud.services.ecs.definitions import TaskDefinition, TaskDefinitions
from harness.cloud.services.ecs.state import Rules

_CHANGED = {
    "cluster", "service", "desiredCount", "taskDefinition", "forceNewDeployment", "deploymentConfiguration",
    "healthCheckGracePeriodSeconds",
}  # fmt: skip
"""What of a service can be changed here."""


@dataclass(frozen=True, slots=True)
class Update:
    """What is to be changed of a service; None leaves it as it is."""

    desired: int | None = None
    definition: TaskDefinition | None = None
    force: bool = False
    """Whether a deployment begins even where the definition is the same."""
    rules: Rules | None = None
    grace: int | None = None


def update_of(params: Mapping[str, Any], rules: Rules, definitions: TaskDefinitions) -> Update:
    """The update of a service that has these rules. Raises AwsError."""
    if strange := set(params) - _CHANGED:
        raise AwsError("NotImplemented", f"the embedded cloud changes no {', '.join(sorted(strange))}", 501)
    desired, grace = params.get("desiredCount"), params.get("healthCheckGracePeriodSeconds")
    for name, value in (("desiredCount", desired), ("healthCheckGracePeriodSeconds", grace)):
        if value is not None and value < 0:
            raise AwsError("InvalidParameterException", f"{name} must be greater than or equal to 0.")
    definition = None
    if asked := params.get("taskDefinition"):
        definition = definitions.find(asked)
        if definition is None:
            raise AwsError("ClientException", "TaskDefinition not found.")
    wanted = rules.updated(params.get("deploymentConfiguration") or {})
    return Update(desired, definition, bool(params.get("forceNewDeployment")), wanted, grace)
