"""The settings and secrets that a task is started with, fetched through the API as the application."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from typing import Any

from harness.aws import Actor, Aws, Credentials, error_code
from harness.cloud.service import World
from harness.cloud.services.ecs.definitions import TaskDefinition

_PULL = "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: "
_RETRIED = "service call has been retried 1 time(s): "


class CannotStart(Exception):
    """A task's settings could not be had; the message is AWS's stopped reason."""


class TaskSettings:
    """Resolves `environment` and `secrets` of container definitions. Thread-safe; clients are made once."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._lock = threading.Lock()
        self._aws: Aws | None = None

    def warm(self) -> None:
        """Make the clients, which takes a while the first time."""
        for region in {service.region for service in self._world.estate.services}:
            self._client("ssm", region)
            self._client("secretsmanager", region)

    def resolve(self, definition: TaskDefinition, region: str) -> dict[str, str]:
        """The container's environment as it is now. Raises CannotStart."""
        container = definition.container
        found = {pair["name"]: pair["value"] for pair in container.get("environment", ())}
        wanted = {secret["name"]: secret["valueFrom"] for secret in container.get("secrets", ())}
        return found | self._parameters(wanted, region) | self._secrets(wanted)

    def _parameters(self, wanted: Mapping[str, str], region: str) -> dict[str, str]:
        by_variable = {name: source for name, source in wanted.items() if ":secretsmanager:" not in source}
        found: dict[str, str] = {}
        for where in {_region(source, region) for source in by_variable.values()}:
            names = {name: _parameter(s) for name, s in by_variable.items() if _region(s, region) == where}
            values = self._fetch_parameters(where, sorted(set(names.values())))
            found |= {variable: values[name] for variable, name in names.items()}
        return found

    def _fetch_parameters(self, region: str, names: list[str]) -> dict[str, str]:
        from botocore.exceptions import BotoCoreError, ClientError

        failed = f"{_PULL}unable to retrieve secrets from ssm: {_RETRIED}"
        try:
            answer = self._client("ssm", region).get_parameters(Names=names, WithDecryption=True)
        except (BotoCoreError, ClientError) as error:
            raise CannotStart(f"{failed}{_why(error)}") from error
        if answer["InvalidParameters"]:
            raise CannotStart(f"{failed}invalid ssm parameters: {', '.join(answer['InvalidParameters'])}")
        return {one["Name"]: one["Value"] for one in answer["Parameters"]}

    def _secrets(self, wanted: Mapping[str, str]) -> dict[str, str]:
        by_variable = {name: source for name, source in wanted.items() if ":secretsmanager:" in source}
        fetched: dict[str, str] = {}
        found = {}
        for variable, source in by_variable.items():
            arn, key = _secret(source)
            if arn not in fetched:
                fetched[arn] = self._fetch_secret(arn)
            found[variable] = _value(fetched[arn], key) if key else fetched[arn]
        return found

    def _fetch_secret(self, arn: str) -> str:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            client = self._client("secretsmanager", arn.split(":")[3])
            answer = client.get_secret_value(SecretId=arn.split(":secret:")[1])
        except (BotoCoreError, ClientError) as error:
            failed = f"{_PULL}unable to retrieve secret from asm: {_RETRIED}"
            fetching = f"failed to fetch secret {arn} from secrets manager"
            raise CannotStart(f"{failed}{fetching}: {_why(error)}") from error
        return str(answer.get("SecretString", ""))

    def _client(self, service: str, region: str) -> Any:
        with self._lock:
            if self._aws is None:
                key = Credentials(*self._world.access_key(Actor.APPLICATION))
                home = self._world.estate.regions.primary
                self._aws = Aws(self._world.endpoint_url, key, region=home, read_timeout=5)
        return self._aws.client(service, region)


def _region(source: str, own: str) -> str:
    return source.split(":")[3] if source.startswith("arn:") else own


def _parameter(source: str) -> str:
    """The parameter's name: an ARN leaves out the leading slash of a path."""
    if not source.startswith("arn:"):
        return source
    name = source.partition(":parameter/")[2]
    return f"/{name}" if "/" in name else name


def _secret(source: str) -> tuple[str, str]:
    """arn:aws:secretsmanager:region:account:secret:name[:json-key:version-stage:version-id]: the ARN and the key."""
    parts = source.split(":")
    return ":".join(parts[:7]), parts[7] if len(parts) > 7 else ""


def _value(secret: str, key: str) -> str:
    try:
        return str(json.loads(secret)[key])
    except (ValueError, KeyError, TypeError):
        missing = f"retrieved secret from Secrets Manager did not contain json key {key}"
        raise CannotStart(f"{_PULL}unable to retrieve secret from asm: {missing}") from None


def _why(error: Exception) -> str:
    """AWS's code and message, without anything of the request."""
    response = getattr(error, "response", None)
    return f"{error_code(error)}: {response['Error'].get('Message', '')}" if response else str(error)  # type: ignore[arg-type]
