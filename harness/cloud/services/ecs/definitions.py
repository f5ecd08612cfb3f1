"""Task definitions: what the tasks of a service are started from. A revision never changes."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from harness.cloud.service import AwsError
from harness.estate import Service

CONTAINER = "labelmint"
"""The name of the one container of the estate's tasks."""
REPOSITORY = "labelmint"
_KEPT = (
    "taskRoleArn", "executionRoleArn", "networkMode", "volumes", "placementConstraints", "requiresCompatibilities",
    "cpu", "memory", "runtimePlatform",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class TaskDefinition:
    """One revision of a family in a region; `container` is its only essential container as it was registered."""

    arn: str
    family: str
    revision: int
    registered: datetime
    raw: Mapping[str, Any]

    @property
    def container(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.raw["containerDefinitions"][0]
        return found

    @property
    def name(self) -> str:
        """family:revision"""
        return f"{self.family}:{self.revision}"

    def shown(self) -> dict[str, Any]:
        return {
            **self.raw,
            "taskDefinitionArn": self.arn,
            "family": self.family,
            "revision": self.revision,
            "status": "ACTIVE",
            "registeredAt": self.registered,
            "compatibilities": ["EC2", "FARGATE"],
        }


class TaskDefinitions:
    """The definitions of one region. Thread-safe."""

    def __init__(self, region: str, account_id: str) -> None:
        self._prefix = f"arn:aws:ecs:{region}:{account_id}:task-definition/"
        self._lock = threading.Lock()
        self._families: dict[str, list[TaskDefinition]] = {}

    def register(self, raw: Mapping[str, Any]) -> TaskDefinition:
        """The family's next revision. Raises ClientException for one that no task could be started from."""
        containers: Sequence[Mapping[str, Any]] = raw.get("containerDefinitions") or ()
        if not containers:
            raise AwsError("ClientException", "Container list cannot be empty.")
        if not all(container.get("name") and container.get("image") for container in containers):
            raise AwsError("ClientException", "Container.name and Container.image should not be null or empty.")
        if len(containers) > 1:
            raise AwsError("NotImplemented", "the embedded cloud runs tasks of one container", 501)
        kept = {"volumes": [], "placementConstraints": []} | {key: raw[key] for key in _KEPT if key in raw}
        with self._lock:
            revisions = self._families.setdefault(raw["family"], [])
            number = len(revisions) + 1
            definition = TaskDefinition(
                f"{self._prefix}{raw['family']}:{number}",
                raw["family"],
                number,
                datetime.now(UTC),
                {**kept, "containerDefinitions": [_complete(container) for container in containers]},
            )
            revisions.append(definition)
        return definition

    def find(self, asked: str) -> TaskDefinition | None:
        """By ARN, family:revision, or family for its latest revision."""
        family, _, revision = asked.removeprefix(self._prefix).partition(":")
        with self._lock:
            revisions = self._families.get(family, [])
            if not revision:
                return revisions[-1] if revisions else None
            if not revision.isdecimal() or not 0 < int(revision) <= len(revisions):
                return None
            return revisions[int(revision) - 1]

    def all(self, family: str = "") -> list[TaskDefinition]:
        """In order of family and revision."""
        with self._lock:
            return [
                definition
                for name in sorted(self._families)
                for definition in self._families[name]
                if not family or name == family
            ]


def image_of(tag: str, region: str, account: str) -> str:
    """The image of a release, as a container definition names it."""
    return f"{account}.dkr.ecr.{region}.amazonaws.com/{REPOSITORY}:{tag}"


def _complete(container: Mapping[str, Any]) -> dict[str, Any]:
    lists: dict[str, Any] = {key: [] for key in ("portMappings", "environment", "mountPoints", "volumesFrom")}
    defaults = {"cpu": 0, "essential": True, **lists}
    return {**defaults, **container}


def definition_of(part: Service, account: str) -> dict[str, Any]:
    """The first revision of a service's task definition: its database's address from SSM, its login from a secret."""
    region = part.region
    ssm = f"arn:aws:ssm:{region}:{account}:parameter{part.settings}"
    secret = f"arn:aws:secretsmanager:{region}:{account}:secret:{part.secret}"
    return {
        "family": part.task_family,
        "networkMode": "awsvpc",
        "requiresCompatibilities": ["FARGATE"],
        "cpu": "256",
        "memory": "512",
        "executionRoleArn": f"arn:aws:iam::{account}:role/{part.task_family}-execution",
        "taskRoleArn": f"arn:aws:iam::{account}:role/{part.task_family}",
        "containerDefinitions": [
            {
                "name": CONTAINER,
                "image": image_of("1", region, account),
                "portMappings": [{"containerPort": part.container_port, "protocol": "tcp"}],
                "environment": [{"name": "AWS_REGION", "value": region}],
                "secrets": [
                    {"name": "DATABASE_HOST", "valueFrom": f"{ssm}/endpoint"},
                    {"name": "DATABASE_PORT", "valueFrom": f"{ssm}/port"},
                    {"name": "DATABASE_NAME", "valueFrom": f"{ssm}/name"},
                    {"name": "DATABASE_USER", "valueFrom": f"{secret}:username::"},
                    {"name": "DATABASE_PASSWORD", "valueFrom": f"{secret}:password::"},
                    *_cache_settings(part, account),
                ],
            }
        ],
    }


def _cache_settings(part: Service, account: str) -> list[dict[str, str]]:
    ssm = f"arn:aws:ssm:{part.region}:{account}:parameter{part.cache_settings}"
    told = {"CACHE_HOST": "endpoint", "CACHE_PORT": "port"} if part.cache_settings else {}
    return [{"name": variable, "valueFrom": f"{ssm}/{name}"} for variable, name in told.items()]
